//! What stands between a reader and the page: unfit characters, blocked site data, a failed load, a proxy.

use std::io::{self, BufRead as _, BufReader, Write as _, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::{HOST, RunningLab};

#[test]
fn character_that_no_header_can_hold_is_named() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open(ada.person.address());
    tab.unfold("readPerson");
    tab.unfold_headers("readPerson");
    for (token, tag, name, code) in [
        (format!("{}\u{200b}", ada.token), "", "Authorization", "U+200B"),
        (format!("\u{201c}{}\u{201d}", ada.token), "", "Authorization", "U+201C"),
        (ada.token.clone(), "\u{201c}1\u{201d}", "If-None-Match", "U+201C"),
    ] {
        tab.fill("#token", &token);
        tab.fill("#readPerson [name=If-None-Match]", tag);
        let answer = tab.try_route("readPerson");
        assert!(answer.contains(&format!("Nothing was sent: {name} holds the character {code}")), "{answer}");
    }
    tab.fill("#readPerson [name=If-None-Match]", "");
    let answer = tab.try_route("readPerson");
    assert!(answer.starts_with("404 Not Found"), "{answer}");
}

#[test]
fn page_works_with_site_data_blocked() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open_without_site_data(ada.person.address());
    let blocked =
        tab.text("(() => { try { return String(sessionStorage) } catch (error) { return error.name } })()");
    assert_eq!(blocked, "SecurityError");
    tab.fill("#token", &ada.token);
    assert!(tab.text("document.getElementById('whose').textContent").starts_with("ada, user, good until "));
    tab.unfold("listPersons");
    let answer = tab.try_route("listPersons");
    assert!(answer.starts_with("200 OK"), "{answer}");
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

#[test]
fn description_that_cannot_be_loaded_is_reported() {
    let lab = RunningLab::start();
    let [_, person, _] = lab.anonymous();
    let mut tab = Tab::open(person.address());
    tab.call("Network.setBlockedURLs", &json!({"urls": ["*openapi.json"]}));
    tab.go_to_url(&format!("http://{}/docs", person.address()));
    tab.wait_for("document.querySelector('#routes p')");
    let shown = tab.text("document.getElementById('routes').innerText");
    assert_eq!(shown, "Failed to fetch. Reload this page to try again.");
}

#[test]
fn page_works_below_a_path() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let proxy = proxy_below("/lab/person", ada.person.address());
    let mut tab = Tab::open_below(proxy, "/lab/person");
    tab.fill("#token", &ada.token);
    tab.unfold("createPerson");
    tab.fill("#createPerson textarea", r#"{"name": "Ada Lovelace"}"#);
    let answer = tab.try_route("createPerson");
    assert!(answer.starts_with("201 Created"), "{answer}");
    let command = tab.text("document.querySelector('#createPerson .command pre').textContent");
    assert!(command.contains(&format!("curl -i http://{proxy}/lab/person/persons ")), "{command}");
    for link in ["OpenAPI", "Problems", "Metrics"] {
        let find =
            format!("[...document.querySelectorAll('#documents a')].find((a) => a.textContent === '{link}')");
        assert_eq!(tab.evaluate(&format!("fetch({find}.href).then(({{status}}) => status)")), 200, "{link}");
    }
    assert_eq!(tab.requests_elsewhere(), Vec::<&str>::new());
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

/// Starts a proxy that removes a path from the target of each request. It ends with the test's process.
fn proxy_below(path: &'static str, service: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((HOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it listens");
    thread::spawn(move || {
        for browser in listener.incoming().map_while(Result::ok) {
            let upstream = TcpStream::connect(service).expect("the service listens");
            // A browser that closes a connection ends only this thread.
            thread::spawn(move || forward(path, &browser, &upstream));
        }
    });
    address
}

/// Forwards one request. The service closes the connection, so that the next request comes on a new one.
fn forward(path: &str, mut browser: &TcpStream, mut upstream: &TcpStream) -> io::Result<()> {
    let mut request = BufReader::new(browser);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && request.read_line(&mut head)? > 0 {}
    let head = head.replacen(&format!(" {path}/"), " /", 1).replace(": keep-alive\r\n", ": close\r\n");
    upstream.write_all(head.as_bytes())?;
    thread::scope(|scope| {
        scope.spawn(move || copy(&mut request, &mut { upstream }));
        let answered = copy(&mut upstream, &mut browser);
        // Ends the thread that waits for the rest of the request.
        browser.shutdown(Shutdown::Both)?;
        answered.map(drop)
    })
}
