use crate::js::testing::{eval, failure};

const IMPORT: &str = "import crypto, { createHash, createHMAC, hmac, sha1, sha256 } from 'k6/crypto';";

fn value(expression: &str) -> String {
    eval(&format!("{IMPORT} export default {expression};"))
}

fn error(expression: &str) -> String {
    failure(&format!("{IMPORT} export default {expression};"))
}

/// The digests are those of k6 v2.2.0.
#[test]
fn hashes_with_each_algorithm() {
    let digests = [
        (
            "md4",
            "866437cb7a794bce2b727acc0362ee27",
            "37466b39d12186d0231e6b783358cfe4",
        ),
        (
            "md5",
            "5d41402abc4b2a76b9719d911017c592",
            "04130747afca4d79e32e87cf2104f087",
        ),
        (
            "ripemd160",
            "108f07b8382412612c048d07d13f814118445acd",
            "43ab51f803a68a8b894cb32ee19e6854e9f4e468",
        ),
        (
            "sha1",
            "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
            "b34ceac4516ff23a143e61d79d0fa7a4fbe5f266",
        ),
        (
            "sha256",
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b",
        ),
        (
            "sha384",
            "59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6a13de828684f",
            "eacbad575c301fa68afb26dae48b25bf5cd42fd08ed28c08c274ce62df7928f01249976cd8aaf1ab0681d3accedc9543",
        ),
        (
            "sha512",
            "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043",
            "ff06ab36757777815c008d32c8e14a705b4e7bf310351a06a23b612dc4c7433e7757d20525a5593b71020ea2ee162d2311b247e9855862b270122419652c0c92",
        ),
        (
            "sha512_224",
            "fe8509ed1fb7dcefc27e6ac1a80eddbec4cb3d2c6fe565244374061c",
            "65f0de09201bada199441610a81e6fa6e805bc96684444139a7fc3aa",
        ),
        (
            "sha512_256",
            "e30d87cfa2a75db545eac4d61baf970366a8357c7f72fa95b52d0accb698f13a",
            "6149bdedc72e1cb49de9d0e575ed42b04ca960d6064eb8d38aefcbc886864525",
        ),
    ];
    for (algorithm, plain, keyed) in digests {
        assert_eq!(
            value(&format!("crypto.{algorithm}('hello', 'hex')")),
            plain,
            "{algorithm}"
        );
        assert_eq!(
            value(&format!("hmac('{algorithm}', 'key', 'hello', 'hex')")),
            keyed,
            "{algorithm}"
        );
    }
}

#[test]
fn takes_strings_and_binaries() {
    let hello = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";
    assert_eq!(
        value("sha1(new Uint8Array([104, 101, 108, 108, 111]), 'hex')"),
        hello
    );
    assert_eq!(
        value("sha1(new Uint8Array([104, 101, 108, 108, 111]).buffer, 'hex')"),
        hello
    );
    assert_eq!(value("crypto.hexEncode('héllo €')"), "68c3a96c6c6f20e282ac");
    assert_eq!(
        value("crypto.hexEncode(new Uint8Array([0, 1, 254]).buffer)"),
        "0001fe"
    );
}

#[test]
fn gives_each_output_encoding() {
    assert_eq!(
        value("hmac('md5', 'key', 'hello', 'base64')"),
        "BBMHR6/KTXnjLofPIQTwhw=="
    );
    assert_eq!(
        value("hmac('md5', 'key', 'hello', 'base64url')"),
        "BBMHR6_KTXnjLofPIQTwhw=="
    );
    assert_eq!(
        value("hmac('md5', 'key', 'hello', 'base64rawurl')"),
        "BBMHR6_KTXnjLofPIQTwhw"
    );
    assert_eq!(
        value("hmac('md5', 'key', 'hello', 'binary') instanceof ArrayBuffer"),
        "true"
    );
    assert_eq!(
        value("new Uint8Array(hmac('md5', 'key', 'hello', 'binary'))[15]"),
        "135"
    );
}

#[test]
fn a_hash_takes_parts_and_goes_on_after_a_digest() {
    let script = "(() => { const hash = createHash('md5'); hash.update('hel'); hash.update('lo');
        const first = hash.digest('hex'); const { update, digest } = hash; update('x');
        return first + ' ' + digest('hex') + ' ' + hash.update('') })()";
    assert_eq!(
        value(script),
        "5d41402abc4b2a76b9719d911017c592 9d6860036b628d424b89b5d7f78fb221 undefined"
    );
    let script = "(() => { const hash = createHMAC('md5', 'key'); hash.update('hel'); hash.update('lo');
        const first = hash.digest('hex'); hash.update('x'); return first + ' ' + hash.digest('hex') })()";
    assert_eq!(
        value(script),
        "04130747afca4d79e32e87cf2104f087 0e0b25c03b4ef19af16ad20b34d394a0"
    );
}

#[test]
fn refuses_unknown_names_and_inputs_without_bytes() {
    for script in [
        "createHash('nope')",
        "createHMAC('nope', 'k')",
        "hmac('nope', 5, 'x', 'hex')",
        "createHash()",
    ] {
        assert!(
            error(script).starts_with("GoError: invalid algorithm: "),
            "{script}"
        );
    }
    for script in [
        "sha1('x')",
        "sha1('x', 'HEX')",
        "createHash('md5').digest()",
        "hmac('md5', 'k', 'x', 5)",
    ] {
        assert!(
            error(script).starts_with("GoError: invalid output encoding: "),
            "{script}"
        );
    }
    for script in [
        "sha1()",
        "sha1(5, 'hex')",
        "sha256([1], 'hex')",
        "createHMAC('md5')",
        "crypto.hexEncode(null)",
    ] {
        assert!(error(script).starts_with("GoError: invalid type "), "{script}");
    }
}

#[test]
fn random_bytes_are_as_many_as_asked_and_differ() {
    assert_eq!(
        value("crypto.randomBytes(16).byteLength + crypto.randomBytes('3.9').byteLength"),
        "19"
    );
    let two = "crypto.hexEncode(crypto.randomBytes(16))";
    assert_eq!(value(&format!("{two} === {two}")), "false");
    for size in ["0", "-1", "NaN", "'x'", "undefined", "", "1e9", "Infinity"] {
        assert!(
            error(&format!("crypto.randomBytes({size})")).starts_with("GoError: invalid size"),
            "{size}"
        );
    }
}

#[test]
fn a_detached_buffer_is_an_error() {
    let script =
        "(() => { const buffer = new ArrayBuffer(4); buffer.transfer(); return sha1(buffer, 'hex') })()";
    assert!(error(script).starts_with("TypeError: "));
}
