//! A page of another origin that calls the services from a reader's browser.

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::User;

/// The origin of the page. The browser finds auth there; its probes have no policy that forbids calls.
const PAGE: &str = "localhost:8080";

/// Calls person as a script of the page would, and returns what the script sees.
fn call(tab: &mut Tab, user: &User, method: &str, path: &str, body: &Value) -> Value {
    let url = format!("http://{}{path}", user.person.address());
    let options = json!({
        "method": method,
        "headers": {"Authorization": format!("Bearer {}", user.token), "Content-Type": "application/json"},
        "body": if body.is_null() { Value::Null } else { body.to_string().into() },
    });
    tab.evaluate(&format!(
        "fetch('{url}', {options}).then(
            async (answer) => [answer.status, answer.headers.get('location') ?? answer.headers.get('etag')],
            (error) => error.name)"
    ))
}

#[test]
fn page_of_another_origin_needs_permission() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open_as(PAGE, ada.auth.address());
    tab.go_to_url(&format!("http://{PAGE}/livez"));
    tab.wait_for("location.pathname === '/livez' && document.readyState === 'complete'");
    let name = json!({"name": "Ada"});
    assert_eq!(call(&mut tab, &ada, "POST", "/persons", &name), "TypeError");
    assert_eq!(ada.names(), Vec::<String>::new());

    lab.restart_allowing("http://localhost:8081");
    assert_eq!(call(&mut tab, &ada, "POST", "/persons", &name), "TypeError");
    assert_eq!(ada.names(), Vec::<String>::new());

    lab.restart_allowing(&format!("http://{PAGE}"));
    assert_eq!(call(&mut tab, &ada, "POST", "/persons", &name), json!([201, "/persons/1"]));
    assert_eq!(ada.names(), ["Ada"]);
    assert_eq!(call(&mut tab, &ada, "GET", "/persons/1", &Value::Null), json!([200, "\"1\""]));
    assert_eq!(call(&mut tab, &ada, "GET", "/persons/2", &Value::Null), json!([404, null]));
    assert_eq!(call(&mut tab, &ada, "DELETE", "/persons/1", &Value::Null), json!([204, null]));
}
