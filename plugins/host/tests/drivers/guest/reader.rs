//! Reader drivers of a toy protocol.

use super::abi::{Memory, Value};
use super::component::Component;
use super::meter::alloc;

const WIT: &str = include_str!("../../../../wit/reader/1.0.0/reader.wit");

/// Place of the result of a call to the port.
const SCRATCH: u32 = 512;

/// A reader driver to be: every function but `describe` traps until it is given something to do.
#[derive(Clone, Default)]
pub struct ReaderGuest {
    bodies: Vec<(String, String)>,
    answers: Vec<(String, Value)>,
}

impl ReaderGuest {
    /// Runs `code`, which leaves the address of an answer; `{name}` in it is the address of the answer called `name`.
    pub fn code(mut self, function: &str, code: &str) -> Self {
        self.bodies.push((function.to_owned(), code.to_owned()));
        self
    }

    pub fn answer(mut self, name: &str, value: Value) -> Self {
        self.answers.push((name.to_owned(), value));
        self
    }

    pub fn build(&self) -> Component {
        let mut memory = Memory::new();
        let described = memory.put(&description());
        let addresses: Vec<(String, usize)> =
            self.answers.iter().map(|(name, value)| (format!("{{{name}}}"), memory.put(value))).collect();
        let body = |name: &str| {
            let code = self.bodies.iter().find(|(function, _)| function == name);
            let code = code.map_or("unreachable".to_owned(), |(_, code)| code.clone());
            addresses.iter().fold(code, |code, (name, at)| code.replace(name, &at.to_string()))
        };
        let functions = [
            ("probe", ""),
            ("poll", ""),
            ("power-on", ""),
            ("read", "(param i32 i32)"),
            ("error-counter", ""),
            ("present", "(param i32 i32)"),
            ("write", "(param i32 i32 i32)"),
            ("change-code", "(param i32 i32)"),
            ("power-off", ""),
        ]
        .map(|(name, params)| {
            let locals = "(local $n i32)";
            format!(
                "(func (export \"dianka:reader/driver@1.0.0#{name}\") {params} (result i32) {locals} {})\n",
                body(name)
            )
        })
        .concat();
        let wat = format!(
            "(module
            (import \"dianka:reader/port@1.0.0\" \"configure\" (func $configure (param i32 i32 i32 i32 i32)))
            (import \"dianka:reader/port@1.0.0\" \"write\" (func $write (param i32 i32 i32)))
            (import \"dianka:reader/port@1.0.0\" \"read\" (func $read (param i32 i32 i32)))
            (import \"dianka:reader/port@1.0.0\" \"flush-input\" (func $flush (param i32)))
            (import \"dianka:reader/log@1.0.0\" \"log\" (func $log (param i32 i32 i32)))
            (memory (export \"memory\") 4)
            {}
            (func (export \"dianka:reader/driver@1.0.0#describe\") (result i32) (i32.const {described}))
            {functions}{})",
            alloc(memory.end()),
            memory.segment()
        );
        Component::wrap(&wat, &[WIT], "reader-driver")
    }
}

/// Instructions that read `len` bytes of the port; the result's case is at the address 512 then.
pub fn read_call(len: u32, deadline_ms: u32) -> String {
    format!("(call $read (i32.const {len}) (i32.const {deadline_ms}) (i32.const {SCRATCH}))")
}

/// A reader's error `no-answer`, where `ok` shows the other case's type.
pub fn error(ok: Value) -> Value {
    Value::err(Value::Record(vec![Value::U8(0), Value::text("E1"), Value::text("nothing came back")]), ok)
}

fn description() -> Value {
    let line = Value::Record(vec![Value::U32(9600), Value::U8(8), Value::U8(1), Value::U8(2)]);
    Value::Record(vec![
        Value::text("toy-reader"),
        Value::text("1.0.0"),
        Value::both("玩具读卡器", "Toy reader"),
        Value::texts(&["Toy 1"]),
        Value::texts(&["sle4442"]),
        Value::List(vec![line]),
        Value::Bool(true),
        Value::Bool(true),
        Value::both("仅供测试", "for tests only"),
    ])
}
