//! A tab of the browser, and somebody before it who has a keyboard and no mouse.

use std::net::SocketAddr;

use serde_json::{Value, json};
use testkit::eventually;

use super::chromium::Chromium;

/// More than any page of ours has places to go to.
const MOST_TABS: usize = 300;

pub(super) struct Tab {
    chromium: Chromium,
    session: String,
    origin: String,
}

impl Tab {
    /// Opens the documentation of a service, in a browser of its own.
    pub(super) fn open(service: SocketAddr) -> Self {
        Self::open_as(&service.to_string(), service)
    }

    /// Opens it as if the service were at this `host:port`.
    pub(super) fn open_as(name: &str, service: SocketAddr) -> Self {
        let mut chromium = Chromium::start(name, service);
        let target = chromium.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = chromium.call(None, "Target.attachToTarget", &attach)["sessionId"].clone();
        let session = session.as_str().expect("a session").to_owned();
        let mut tab = Self { chromium, session, origin: format!("http://{name}") };
        for domain in ["Log", "Network", "Page", "Runtime"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab.visit();
        tab
    }

    /// Loads the page, anew where it is there.
    pub(super) fn visit(&mut self) {
        let url = format!("{}/docs", self.origin);
        self.call("Page.navigate", &json!({"url": url}));
        self.wait_for("document.querySelector('#routes details')");
    }

    pub(super) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.chromium.call(Some(&self.session), method, params)
    }

    /// The value of a JavaScript expression.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        // As the page's own script would evaluate it: otherwise the policy does not count.
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "allowUnsafeEvalBlockedByCSP": false,
        });
        let mut result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// The value of an expression that is a text.
    pub(super) fn text(&mut self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_else(|| panic!("{expression} is no text")).to_owned()
    }

    pub(super) fn wait_for(&mut self, condition: &str) {
        let holds = format!("Boolean({condition})");
        eventually(condition, || self.evaluate(&holds).as_bool().filter(|holds| *holds));
    }

    /// Opens a route by its `operationId`.
    pub(super) fn unfold(&mut self, route: &str) {
        self.go_to(&format!("#{route} > summary"));
        self.press("Enter");
    }

    /// Types a text in place of what a field holds.
    pub(super) fn fill(&mut self, field: &str, text: &str) {
        self.go_to(field);
        let select_all = json!({"type": "rawKeyDown", "commands": ["selectAll"]});
        self.call("Input.dispatchKeyEvent", &select_all);
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Sends a route's request; gives the answer as it is shown.
    pub(super) fn try_route(&mut self, route: &str) -> String {
        self.evaluate(&format!("document.querySelector('#{route} .answer').replaceChildren()"));
        self.go_to(&format!("#{route} form > button"));
        self.press("Enter");
        self.answer(route)
    }

    /// The answer that is shown for a route, once it is there.
    pub(super) fn answer(&mut self, route: &str) -> String {
        let shown = format!("document.querySelector('#{route} .answer')");
        self.wait_for(&format!("{shown}.textContent"));
        self.text(&format!("{shown}.innerText"))
    }

    /// Copies the command of a route; gives what is then pasted.
    pub(super) fn copy_command(&mut self, route: &str) -> String {
        let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.call("Browser.grantPermissions", &permissions);
        let button = format!("#{route} .command button");
        self.go_to(&button);
        self.press("Enter");
        self.wait_for(&format!("document.querySelector('{button}').textContent === 'Copied'"));
        self.text("navigator.clipboard.readText()")
    }

    /// Goes on with the tabulator until the focus is on an element.
    fn go_to(&mut self, selector: &str) {
        let there = format!("document.activeElement.matches('{selector}')");
        for _ in 0..MOST_TABS {
            if self.evaluate(&there) == true {
                return;
            }
            self.press("Tab");
        }
        panic!("the keyboard does not lead to {selector}");
    }

    fn press(&mut self, key: &str) {
        let (code, text) = if key == "Enter" { (13, "\r") } else { (9, "") };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { text } else { "" },
            });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Everything that the browser complained of.
    pub(super) fn complaints(&self) -> Vec<&Value> {
        let complaints = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let events = self.chromium.events().iter();
        events.filter(|event| complaints.iter().any(|method| event["method"] == *method)).collect()
    }

    /// The requests that went elsewhere than to the service.
    pub(super) fn requests_elsewhere(&self) -> Vec<&str> {
        let events = self.chromium.events().iter();
        let requests = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls: Vec<_> =
            requests.map(|event| event["params"]["request"]["url"].as_str().expect("a URL")).collect();
        let own = format!("{}/", self.origin);
        assert!(urls.contains(&format!("{own}docs/page.js").as_str()), "{urls:?}");
        urls.into_iter().filter(|url| !url.starts_with(&own) && !url.starts_with("data:")).collect()
    }
}
