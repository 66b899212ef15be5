use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn told(jar: &Jar, at: &str) -> String {
    let cookies = jar.cookies_for(&url(at));
    cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn jar(at: &str, lines: &[&str]) -> Jar {
    let jar = Jar::new();
    for line in lines {
        jar.store(&url(at), &Cookie::parse(line).unwrap());
    }
    jar
}

#[test]
fn without_a_domain_a_cookie_is_for_its_host_only() {
    let jar = jar("http://www.a.test/", &["x=1"]);
    assert_eq!(told(&jar, "https://WWW.a.test/any"), "x=1");
    assert_eq!(told(&jar, "http://www.a.test:8080/"), "x=1");
    assert_eq!(told(&jar, "http://a.test/"), "");
    assert_eq!(told(&jar, "http://sub.www.a.test/"), "");
    assert_eq!(told(&jar, "ftp://www.a.test/"), "");
}

#[test]
fn a_domain_covers_what_is_below_it() {
    let lines = [
        "x=1; Domain=.A.test",
        "other=1; domain=b.test",
        "dot=1; domain=a.test.",
        "e=1; domain=.",
    ];
    let jar = jar("http://www.a.test/", &lines);
    assert_eq!(told(&jar, "http://a.test/"), "x=1");
    assert_eq!(told(&jar, "http://deep.www.a.test/"), "x=1");
    assert_eq!(told(&jar, "http://ba.test/"), "");
    assert_eq!(told(&jar, "http://b.test/"), "");
}

#[test]
fn an_address_is_its_own_domain() {
    let jar = jar(
        "http://127.0.0.1/",
        &["x=1; domain=127.0.0.1", "y=1; domain=0.0.1"],
    );
    assert_eq!(told(&jar, "http://127.0.0.1/"), "x=1");
}

#[test]
fn paths_limit_and_sort() {
    let lines = [
        "root=1; path=/",
        "deep=2; path=/a/b",
        "slash=3; path=/a/",
        "default=4",
        "bad=5; path=x",
    ];
    let jar = jar("http://a.test/a/b/c", &lines);
    assert_eq!(
        told(&jar, "http://a.test/a/b"),
        "deep=2 default=4 bad=5 slash=3 root=1"
    );
    assert_eq!(told(&jar, "http://a.test/a/bc"), "slash=3 root=1");
    assert_eq!(told(&jar, "http://a.test/a"), "root=1");
}

#[test]
fn secure_cookies_need_https() {
    let jar = jar("http://a.test/", &["x=1; secure"]);
    assert_eq!(told(&jar, "http://a.test/"), "");
    assert_eq!(told(&jar, "https://a.test/"), "x=1");
}

#[test]
fn cookies_end() {
    let past = "Thu, 01 Jan 1970 00:00:00 GMT";
    let lines = ["a=1", "b=1", "c=1", "d=1"];
    let jar = jar("http://a.test/", &lines);
    let store = |line: &str| jar.store(&url("http://a.test/"), &Cookie::parse(line).unwrap());
    store("a=2; max-age=0");
    store(&format!("b=2; expires={past}"));
    store(&format!("c=2; expires={past}; max-age=100"));
    store("d=2; expires=Wed, 21 Oct 2099 07:28:00 GMT");
    assert_eq!(told(&jar, "http://a.test/"), "c=2 d=2");
}

#[test]
fn a_changed_cookie_keeps_its_place() {
    let jar = jar("http://a.test/", &["a=1", "b=1", "a=2"]);
    assert_eq!(told(&jar, "http://a.test/"), "a=2 b=1");
}

#[test]
fn scripts_set_delete_and_clear() {
    let (jar, at) = (Jar::new(), url("http://a.test/x/y"));
    let path = |path: &str| CookieAttributes {
        path: path.into(),
        ..CookieAttributes::default()
    };
    jar.set(&at, "a", "1", &path("/")).unwrap();
    jar.set(&at, "b", "2", &path("")).unwrap();
    jar.set(&at, "c", "3", &path("")).unwrap();
    assert_eq!(told(&jar, "http://a.test/x/z"), "b=2 c=3 a=1");
    jar.delete(&at, "b").unwrap();
    jar.delete(&at, "a").unwrap();
    assert_eq!(
        told(&jar, "http://a.test/x/z"),
        "c=3 a=1",
        "/ is not the folder of the URL"
    );
    jar.clear(&at);
    assert_eq!(told(&jar, "http://a.test/x/z"), "a=1");
    jar.clear_all();
    assert_eq!(told(&jar, "http://a.test/x/z"), "");
    assert_eq!(jar.delete(&at, ""), Err(CookieError::NoName));
    let soon = CookieAttributes {
        expires: "soon".into(),
        ..CookieAttributes::default()
    };
    assert_eq!(
        jar.set(&at, "a", "1", &soon),
        Err(CookieError::Expires("soon".into()))
    );
}
