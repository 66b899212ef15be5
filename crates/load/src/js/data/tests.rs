use std::sync::mpsc;
use std::thread;

use super::{BuildError, Elements, SharedData};
use crate::js::testing::{User, eval, failure};

const IMPORT: &str = "import data, { SharedArray } from 'k6/data';
    const p = new SharedArray('p', () => [3, 1, 2]);
    const a = new data.SharedArray('a', () => [{ n: 1, deep: { x: [1, { y: 2 }] } }, 'é', null]);";

fn value(expression: &str) -> String {
    eval(&format!("{IMPORT} export default {expression};"))
}

fn error(expression: &str) -> String {
    failure(&format!("{IMPORT} export default {expression};"))
}

#[test]
fn reads_as_an_array_does() {
    let reads = [
        (
            "a.length + ' ' + a[0].deep.x[1].y + ' ' + a['1'] + ' ' + a[2]",
            "3 2 é null",
        ),
        (
            "[p[3], p[-1], p[1.5], p['01'], p.foo, p[Symbol('x')]].join('|')",
            "|||||",
        ),
        (
            "Array.isArray(p) + ' ' + (p instanceof Array) + ' ' + (p instanceof SharedArray)",
            "true true false",
        ),
        (
            "JSON.stringify({ p, a })",
            "{\"p\":[3,1,2],\"a\":[{\"n\":1,\"deep\":{\"x\":[1,{\"y\":2}]}},\"é\",null]}",
        ),
        (
            "(() => { let text = ''; for (const one of p) text += one; for (const key in p) text += key; return text })()",
            "312012",
        ),
        (
            "(() => { const [first, ...rest] = p; const { length } = p; return [first, rest, length].join(';') })()",
            "3;1,2;3",
        ),
        (
            "[...p, ...p.map(one => one * 2), ...p.filter(one => one > 1), ...p.slice(1)].join()",
            "3,1,2,6,2,4,3,2,1,2",
        ),
        (
            "[p.find(one => one < 3), p.includes(2), p.indexOf(9), p.at(-1), p.concat([4]), p.join('-')].join(';')",
            "1;true;-1;2;3,1,2,4;3-1-2",
        ),
        (
            "(() => { const seen = []; p.forEach((one, i, all) => seen.push(one + i, all === p)); return seen })()",
            "3,true,2,true,4,true",
        ),
        (
            "[Object.keys(p), Object.getOwnPropertyNames(p), Object.values(p)].join(';')",
            "0,1,2;0,1,2,length;3,1,2",
        ),
        (
            "[0 in p, 3 in p, 'length' in p, 'map' in p, 'foo' in p, Object.hasOwn(p, 1)].join()",
            "true,false,true,true,false,true",
        ),
        (
            "JSON.stringify(Object.getOwnPropertyDescriptor(p, 'length'))",
            "{\"value\":3,\"writable\":true,\"enumerable\":false,\"configurable\":false}",
        ),
        (
            "[p.toSorted(), p.reduce((x, y) => x + y), Math.max(...p), p.flat(), String(p)].join(';')",
            "1,2,3;6;3;3,1,2;3,1,2",
        ),
    ];
    for (expression, expected) in reads {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn every_read_is_a_fresh_frozen_copy() {
    assert_eq!(value("a[0] === a[0]"), "false");
    assert_eq!(
        value("[a[0], a[0].deep, a[0].deep.x, a[0].deep.x[1]].every(Object.isFrozen)"),
        "true"
    );
    for change in [
        "a[0].n = 2",
        "a[0].new = 2",
        "delete a[0].n",
        "a[0].deep.x.push(1)",
    ] {
        assert!(
            error(&format!("(() => {{ {change} }})()")).starts_with("TypeError: "),
            "{change}"
        );
    }
}

#[test]
fn nothing_changes_the_array() {
    let changes = [
        "p[0] = 1",
        "p[9] = 1",
        "p.foo = 1",
        "p.length = 0",
        "p.push(1)",
        "p.pop()",
        "p.shift()",
        "p.sort()",
        "p.reverse()",
        "p.fill(0)",
        "p.splice(0, 1)",
        "delete p[0]",
        "Object.defineProperty(p, '0', { value: 1 })",
        "Object.freeze(p)",
        "Object.assign(p, [1])",
        "Reflect.set(p, 0, 1)",
    ];
    for change in changes {
        let message = error(&format!("(() => {{ {change} }})()"));
        assert_eq!(message, "TypeError: SharedArray is immutable", "{change}");
        let script = format!("{IMPORT} try {{ {change} }} catch {{}} export default [p, p.length].join()");
        assert_eq!(eval(&script), "3,1,2,3", "{change}");
    }
    assert_eq!(value("delete p[9]"), "true");
}

#[test]
fn the_function_runs_once_for_all_users() {
    let shared = SharedData::default();
    let first = "import { SharedArray } from 'k6/data'; const p = new SharedArray('p', () => [{ n: 7 }]);
        export default () => p[0].n + p.length";
    assert_eq!(User::new(&shared).run(first), Ok("8".into()));
    let second = "import { SharedArray } from 'k6/data';
        const p = new SharedArray('p', () => { throw new Error('called again') }); export default () => p[0].n";
    assert_eq!(User::new(&shared).run(second), Ok("7".into()));
}

#[test]
fn elements_are_what_json_makes_of_them() {
    assert_eq!(
        value("new SharedArray('t', () => [{ toJSON: () => 7 }, new Date(0), NaN]).join()"),
        "7,1970-01-01T00:00:00.000Z,"
    );
    assert_eq!(value("new SharedArray('s', () => p).join()"), "3,1,2");
    assert_eq!(value("new SharedArray('e', () => []).length"), "0");
    assert_eq!(value("new SharedArray('u', () => [undefined, 1])[1]"), "1");
    assert!(error("new SharedArray('u', () => [undefined, 1])[0]").starts_with("SyntaxError: "));
    assert_eq!(
        value(
            "new SharedArray('d', () => { let d = []; for (let i = 0; i < 500; i++) d = [d]; return [d] })[0].length"
        ),
        "1"
    );
}

#[test]
fn says_what_is_wrong_with_a_call() {
    let calls = [
        (
            "new SharedArray('', () => [])",
            "GoError: a SharedArray needs a name that is not empty",
        ),
        (
            "new SharedArray('x')",
            "GoError: a SharedArray needs a function as its second argument",
        ),
        (
            "new SharedArray('p', 5)",
            "GoError: a SharedArray needs a function as its second argument",
        ),
        (
            "new SharedArray('x', async () => [])",
            "GoError: the function of a SharedArray cannot be async",
        ),
        (
            "new SharedArray('x', () => 'abc')",
            "GoError: only arrays can be made into a SharedArray",
        ),
        (
            "new SharedArray('x', () => ({ length: 1 }))",
            "GoError: only arrays can be made into a SharedArray",
        ),
        (
            "new SharedArray('x', () => null)",
            "TypeError: the function of a SharedArray returned no array",
        ),
        (
            "new SharedArray('x', () => { throw new RangeError('bad') })",
            "RangeError: bad",
        ),
        ("new SharedArray('x', () => { throw 'bad' })", "thrown: bad"),
        (
            "() => new SharedArray('p', () => [])",
            "GoError: new SharedArray must be called in the init context",
        ),
    ];
    for (call, message) in calls {
        assert_eq!(error(call), message, "{call}");
    }
    assert!(error("new SharedArray('x', () => [10n])").starts_with("TypeError: "));
    assert!(
        error("new SharedArray('x', () => { const o = {}; o.o = o; return [o] })").starts_with("TypeError: ")
    );
}

#[test]
fn a_failed_build_is_tried_again() {
    let script = "(() => { try { new SharedArray('x', () => { throw 1 }) } catch {} return new SharedArray('x', () => [5])[0] })()";
    assert_eq!(value(script), "5");
}

#[test]
fn an_array_may_be_built_inside_another_but_not_inside_itself() {
    assert_eq!(
        value("new SharedArray('o', () => new SharedArray('i', () => [4]).map(one => one + 1))[0]"),
        "5"
    );
    let message = error("new SharedArray('o', () => new SharedArray('o', () => [4]))");
    assert!(
        message.contains("'o' is asked for inside its own function"),
        "{message}"
    );
}

fn one(text: &str) -> Elements {
    [Box::from(text)].into()
}

#[test]
fn another_user_waits_for_a_build() {
    let shared = SharedData::default();
    let (started, first_runs) = mpsc::channel();
    let (go_on, may_end) = mpsc::channel::<()>();
    let clone = shared.clone();
    let first = thread::spawn(move || {
        clone.get_or_build("x", || -> Result<_, BuildError<()>> {
            started.send(()).unwrap();
            may_end.recv().unwrap();
            Ok(one("1"))
        })
    });
    first_runs.recv().unwrap();
    let (asking, second_asks) = mpsc::channel();
    let second = thread::spawn(move || {
        asking.send(()).unwrap();
        shared.get_or_build("x", || -> Result<_, ()> { panic!("built twice") })
    });
    second_asks.recv().unwrap();
    go_on.send(()).unwrap();
    assert_eq!(first.join().unwrap().unwrap(), one("1"));
    assert_eq!(second.join().unwrap().unwrap(), one("1"));
}

#[test]
fn users_that_nest_in_opposite_orders_do_not_wait_for_each_other() {
    let shared = SharedData::default();
    let users = [("a", "b"), ("b", "a")].map(|(outer, inner)| {
        let shared = shared.clone();
        thread::spawn(move || {
            for round in 0..200 {
                let (outer, inner) = (format!("{outer}{round}"), format!("{inner}{round}"));
                let nested = || {
                    shared
                        .get_or_build(&inner, || Ok::<_, ()>(one("1")))
                        .map_err(|_| ())
                };
                shared.get_or_build(&outer, nested).unwrap();
            }
        })
    });
    for user in users {
        user.join().unwrap();
    }
}

#[test]
fn a_build_that_panics_frees_the_others() {
    let shared = SharedData::default();
    let clone = shared.clone();
    let build = || -> Result<Elements, ()> { panic!("as a broken function may") };
    assert!(
        thread::spawn(move || clone.get_or_build("x", build).is_ok())
            .join()
            .is_err()
    );
    assert_eq!(
        shared.get_or_build("x", || Ok::<_, ()>(one("1"))).unwrap(),
        one("1")
    );
}
