use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use super::*;
use crate::http::{Client, Jar, Outcome, Request, Settings, Shared};

fn proxied(no_proxy: &str, host: &str) -> bool {
    let proxies = Proxies::new(Some("http://p:3128"), None, Some(no_proxy));
    proxies.of(false, host, 80).is_some()
}

#[test]
fn no_proxy_is_read_as_go_does() {
    assert!(proxied("", "a.test"));
    assert!(!proxied("*", "a.test"));
    assert!(!proxied(" b.test, A.test ", "a.test"));
    assert!(!proxied("a.test", "x.a.test"));
    assert!(proxied("a.test", "xa.test"));
    assert!(proxied(".a.test", "a.test"));
    assert!(!proxied("*.a.test", "x.a.test"));
    assert!(!proxied("a.test:80", "a.test"));
    assert!(proxied("a.test:81", "a.test"));
    assert!(!proxied("10.0.0.0/8", "10.1.1.1"));
    assert!(proxied("10.0.0.0/8", "11.1.1.1"));
    assert!(!proxied("", "localhost") && !proxied("", "127.0.0.9") && !proxied("", "::1"));
}

#[test]
fn each_scheme_has_its_proxy() {
    let proxies = Proxies::new(Some("p:3128"), Some("http://u:p%20w@q"), None);
    assert_eq!(
        proxies.of(false, "a.test", 80).unwrap().address().unwrap(),
        ("p", 3128)
    );
    let https = proxies.of(true, "a.test", 443).unwrap();
    assert_eq!(https.address().unwrap(), ("q", 80));
    assert_eq!(https.authorization().unwrap(), "Basic dTpwIHc=");
    let socks = Proxies::new(None, Some("socks5://s:1080"), None);
    let error = socks.of(true, "a.test", 443).unwrap().address().unwrap_err();
    assert!(error.message.contains("socks5"), "{error}");
}

/// Takes one connection, tells what came over it and answers the first bytes with `answer`.
fn proxy(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for reply in [answer, ""] {
            let mut bytes = [0; 2048];
            let count = stream.read(&mut bytes).unwrap_or(0);
            let _ = told.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    (format!("http://u:p@{address}"), heard)
}

fn through(proxy: &str, url: &str) -> Outcome {
    let shared = Shared::new(Settings::default()).unwrap();
    let shared = Shared {
        proxies: Proxies::new(Some(proxy), Some(proxy), None),
        ..shared
    };
    let (client, jar) = (Client::new(Arc::new(shared)), Jar::new());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let request = Request::new("GET", Url::parse(url).unwrap());
    tokio::task::LocalSet::new().block_on(&runtime, client.send(request, &jar))
}

#[test]
fn a_request_in_the_clear_goes_whole_to_the_proxy() {
    let (url, heard) = proxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let outcome = through(&url, "http://far.test/x?y=1");
    assert_eq!(&outcome.response.unwrap().body[..], b"ok");
    let request = heard.recv().unwrap();
    assert!(
        request.starts_with("GET http://far.test/x?y=1 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("Host: far.test\r\n") && request.contains("Proxy-Authorization: Basic dTpw\r\n")
    );
}

#[test]
fn https_goes_through_a_tunnel() {
    let (url, heard) = proxy("HTTP/1.1 200 Connection established\r\n\r\n");
    assert!(
        through(&url, "https://far.test/").error.is_some(),
        "this proxy leads nowhere"
    );
    let wanted =
        "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n";
    assert_eq!(heard.recv().unwrap(), wanted);
    assert!(heard.recv().unwrap().starts_with('\u{16}'), "a handshake follows");
    let (url, _heard) = proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    let error = through(&url, "https://far.test/").error.unwrap();
    assert_eq!(error.message, "proxy: 407 Proxy Authentication Required");
}
