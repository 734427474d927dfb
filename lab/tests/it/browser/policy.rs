//! The content security policy stops everything that is injected into a page.

use serde_json::json;
use testkit::eventually;

use super::tab::Tab;
use crate::running_lab::RunningLab;

/// Scripts that set `window.ran` or connect to another host, if the policy lets them.
const INJECTIONS: &[&str] = &[
    "document.body.innerHTML = '<img src=x onerror=\"ran = true\">'",
    "document.body.setAttribute('onclick', 'ran = true'), document.body.click()",
    "document.head.append(Object.assign(document.createElement('script'), {textContent: 'ran = true'}))",
    "(script => (script.append('ran = true'), document.head.append(script)))(document.createElement('script'))",
    "eval('ran = true')",
    "document.body.append(Object.assign(document.createElement('iframe'), {src: 'data:text/html,x'}))",
    "fetch('http://127.0.0.3:1/')",
];

#[test]
fn injected_script_neither_runs_nor_sends() {
    let lab = RunningLab::start();
    let [_, person, _] = lab.anonymous();
    let mut tab = Tab::open(person.address());
    for injection in INJECTIONS {
        tab.visit();
        let script = format!(
            "new Promise((resolve) => {{
                document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
                try {{ Promise.resolve({injection}).catch(() => {{}}); }} catch {{ }}
            }})"
        );
        let directive = tab.evaluate(&script);
        assert!(directive.is_string(), "{injection}");
        assert_eq!(tab.evaluate("'ran' in window"), false, "{injection}");
        assert_eq!(tab.requests_elsewhere(), Vec::<&str>::new(), "{injection}");
    }
}

/// As if the service itself had sent the scripts.
#[test]
fn inline_script_in_the_markup_does_not_run() {
    let lab = RunningLab::start();
    let [_, person, _] = lab.anonymous();
    for markup in [
        "<script>ran = true</script>",
        "<script src='//127.0.0.3:1/x.js'></script>",
        "<details ontoggle='ran = true' open></details>",
    ] {
        let mut tab = Tab::open(person.address());
        let frame = tab.call("Page.getFrameTree", &json!({}))["frameTree"]["frame"]["id"].take();
        tab.call("Page.setDocumentContent", &json!({"frameId": frame, "html": markup}));
        let refused = eventually("the browser reports a violation", || {
            tab.evaluate("document.readyState");
            tab.errors().first().map(|error| error["params"]["entry"]["text"].to_string())
        });
        assert!(refused.contains("violates the following Content Security Policy directive"), "{refused}");
        assert!(refused.contains("script-src 'self'"), "{refused}");
        assert_eq!(tab.evaluate("'ran' in window"), false, "{markup}");
    }
}

#[test]
fn name_with_markup_is_shown_as_text() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let name = "<img src=x onerror=ran=true>";
    let _ = ada.person.post("/persons", &json!({"name": name})).expect(201);
    let mut tab = Tab::open(ada.person.address());
    tab.fill("#token", &ada.token);
    tab.unfold("listPersons");
    let answer = tab.try_route("listPersons");
    assert!(answer.contains(name), "{answer}");
    assert_eq!(tab.evaluate("document.images.length"), 0);
}
