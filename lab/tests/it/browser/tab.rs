//! A tab of the browser, used with the keyboard only.

use std::net::SocketAddr;

use serde_json::{Value, json};
use testkit::eventually;

use super::chromium::Chromium;
use crate::running_lab::RunningLab;

/// More than the number of elements on any of our pages that can have the focus.
const MOST_TABS: usize = 300;

/// True once the page is built and its token is in place.
const LOADED: &str = "document.querySelector('.route') && document.getElementById('whose').textContent";

pub(super) struct Tab {
    chromium: Chromium,
    session: String,
    /// The URL of the service whose page is opened first.
    base: String,
    /// The URLs of the services that a page may lead to.
    others: Vec<String>,
}

impl Tab {
    /// Opens the documentation of a service in a new browser.
    pub(super) fn open(service: SocketAddr) -> Self {
        Self::open_as(&service.to_string(), service)
    }

    /// Opens the documentation as if the service had this `host:port`.
    pub(super) fn open_as(name: &str, service: SocketAddr) -> Self {
        Self::open_in(Chromium::start(&[(name, service)]), &format!("http://{name}"))
    }

    /// Opens the documentation of auth, with all three services at their documented ports.
    pub(super) fn open_lab(lab: &RunningLab) -> Self {
        let [auth, person, health] = lab.anonymous().map(|service| service.address());
        let names = [("localhost:5003", auth), ("localhost:5001", person), ("localhost:5002", health)];
        let mut tab = Self::open_in(Chromium::start(&names), "http://localhost:5003");
        tab.others = names.map(|(name, _)| format!("http://{name}")).to_vec();
        tab
    }

    /// Opens the documentation of a service in a browser that blocks the data of sites.
    pub(super) fn open_without_site_data(service: SocketAddr) -> Self {
        let name = service.to_string();
        Self::open_in(Chromium::start_without_site_data(&[(&name, service)]), &format!("http://{name}"))
    }

    /// Opens the documentation of a service below a path of a proxy.
    pub(super) fn open_below(proxy: SocketAddr, path: &str) -> Self {
        let name = proxy.to_string();
        Self::open_in(Chromium::start(&[(&name, proxy)]), &format!("http://{name}{path}"))
    }

    /// Opens the page of a service that shows requests, as if the service had this `host:port`.
    pub(super) fn open_live(name: &str, service: SocketAddr) -> Self {
        let mut tab = Self::blank(Chromium::start(&[(name, service)]), &format!("http://{name}"));
        tab.visit_live();
        tab
    }

    fn open_in(chromium: Chromium, base: &str) -> Self {
        let mut tab = Self::blank(chromium, base);
        tab.visit();
        tab
    }

    fn blank(mut chromium: Chromium, base: &str) -> Self {
        let target = chromium.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = chromium.call(None, "Target.attachToTarget", &attach)["sessionId"].clone();
        let session = session.as_str().expect("a session").to_owned();
        let mut tab = Self { chromium, session, base: base.to_owned(), others: Vec::new() };
        for domain in ["Log", "Network", "Page", "Runtime"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab
    }

    /// Loads or reloads the page that shows requests.
    pub(super) fn visit_live(&mut self) {
        self.go_to_url(&format!("{}/live", self.base));
        self.wait_for("document.getElementById('connection')?.textContent === 'connected'");
    }

    /// Loads or reloads the page.
    pub(super) fn visit(&mut self) {
        self.go_to_url(&format!("{}/docs", self.base));
        self.wait_for(LOADED);
    }

    /// Follows the link to the page of another service, and returns its address.
    pub(super) fn follow(&mut self, service: &str) -> String {
        let left = self.text("location.href");
        let link = format!("#services a[href*=\"{}\"]", port(service));
        self.go_to(&link);
        self.press("Enter");
        self.wait_for(&format!("location.port === '{}' && {LOADED}", port(service)));
        let arrived = self.text("location.href");
        assert_ne!(arrived, left);
        arrived
    }

    /// Loads another page.
    pub(super) fn go_to_url(&mut self, url: &str) {
        self.call("Page.navigate", &json!({"url": url}));
    }

    pub(super) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.chromium.call(Some(&self.session), method, params)
    }

    /// Returns the value of a JavaScript expression.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        // The expression is subject to the page's content security policy, as the page's own script is.
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "allowUnsafeEvalBlockedByCSP": false,
        });
        let mut result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// Returns the value of an expression that is a string.
    pub(super) fn text(&mut self, expression: &str) -> String {
        self.evaluate(expression)
            .as_str()
            .unwrap_or_else(|| panic!("{expression} is not a string"))
            .to_owned()
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

    /// Shows the headers of a route, which are folded.
    pub(super) fn unfold_headers(&mut self, route: &str) {
        self.go_to(&format!("#{route} .optional > summary"));
        self.press("Enter");
    }

    /// Replaces the content of a field.
    pub(super) fn fill(&mut self, field: &str, text: &str) {
        self.go_to(field);
        let select_all = json!({"type": "rawKeyDown", "commands": ["selectAll"]});
        self.call("Input.dispatchKeyEvent", &select_all);
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Sends a route's request and returns the answer as the page shows it.
    pub(super) fn try_route(&mut self, route: &str) -> String {
        self.evaluate(&format!("document.querySelector('#{route} .answer').replaceChildren()"));
        self.go_to(&format!("#{route} form > button"));
        self.press("Enter");
        self.answer(route)
    }

    /// Waits for the answer of a route and returns it as the page shows it.
    pub(super) fn answer(&mut self, route: &str) -> String {
        let shown = format!("document.querySelector('#{route} .answer')");
        self.wait_for(&format!("{shown}.textContent"));
        self.text(&format!("{shown}.innerText"))
    }

    /// Copies the command of a route and returns the content of the clipboard.
    pub(super) fn copy_command(&mut self, route: &str) -> String {
        let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        self.call("Browser.grantPermissions", &permissions);
        let button = format!("#{route} .command button");
        self.go_to(&button);
        self.press("Enter");
        self.wait_for(&format!("document.querySelector('{button}').textContent === 'Copied'"));
        self.text("navigator.clipboard.readText()")
    }

    /// Presses Tab until the focus is on an element.
    pub(super) fn go_to(&mut self, selector: &str) {
        let there = format!("document.activeElement.matches('{selector}')");
        for _ in 0..MOST_TABS {
            if self.evaluate(&there) == true {
                return;
            }
            self.press("Tab");
        }
        panic!("{selector} never has the focus");
    }

    pub(super) fn press(&mut self, key: &str) {
        self.press_with(key, 0);
    }

    /// Presses Ctrl+Enter in the element that has the focus.
    pub(super) fn press_ctrl_enter(&mut self) {
        self.press_with("Enter", 2);
    }

    fn press_with(&mut self, key: &str, modifiers: u8) {
        let (code, text) = if key == "Enter" { (13, "\r") } else { (9, "") };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers,
                "text": if kind == "keyDown" { text } else { "" },
            });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Returns the addresses to which the browser's buttons lead, and the current one.
    pub(super) fn addresses_of_the_way_back(&mut self) -> Vec<String> {
        let history = self.call("Page.getNavigationHistory", &json!({}));
        let entries = history["entries"].as_array().expect("entries").iter();
        entries.map(|entry| entry["url"].as_str().expect("a URL").to_owned()).collect()
    }

    /// Returns the exceptions, console messages and log entries of the browser.
    pub(super) fn errors(&self) -> Vec<&Value> {
        let methods = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
        let events = self.chromium.events().iter();
        events.filter(|event| methods.iter().any(|method| event["method"] == *method)).collect()
    }

    /// Returns the URLs of requests to other hosts than the services.
    pub(super) fn requests_elsewhere(&self) -> Vec<&str> {
        let events = self.chromium.events().iter();
        let requests = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls: Vec<_> =
            requests.map(|event| event["params"]["request"]["url"].as_str().expect("a URL")).collect();
        let own = format!("{}/", self.base);
        assert!(urls.contains(&format!("{own}docs/page.js").as_str()), "{urls:?}");
        let known = |url: &str| {
            url.starts_with(&own)
                || url.starts_with("data:")
                || self
                    .others
                    .iter()
                    .any(|other| url.strip_prefix(other).is_some_and(|path| path.starts_with('/')))
        };
        urls.into_iter().filter(|url| !known(url)).collect()
    }
}

/// Returns the documented port of a service.
fn port(service: &str) -> &'static str {
    match service {
        "auth" => "5003",
        "person" => "5001",
        "health" => "5002",
        other => panic!("{other} is not a service"),
    }
}
