//! Interface `tokens` of a toy driver: every function answers with a value.

use super::abi::{Memory, Value};
use super::meter::{description, toy_refusal};

/// The answers. As made by [`TokenAnswers::honest`] they are those of the first published token of STS: 0.1 kWh.
#[derive(Clone)]
pub struct TokenAnswers {
    pub digits_coding: &'static str,
    pub credit_class: u8,
    pub class: u8,
    pub block: Vec<u8>,
    pub key_data: Vec<u8>,
    pub prepared_data: Vec<u8>,
    pub identifier: i64,
    pub digits: String,
    pub cipher_block: Vec<u8>,
    pub read_amount: i64,
    pub read_identifier: i64,
}

impl TokenAnswers {
    pub fn honest() -> Self {
        let data = b"\x04\x0204\x0293\x0211\x0201\x00\x04\x06123457\x012\x011\x12600727000000000009\x00\x00\x00\x80";
        Self {
            digits_coding: "sts-66",
            credit_class: 0,
            class: 0,
            block: vec![0x05, 0x59, 0x98, 0x2C, 0x00, 0x01, 0x28, 0x31],
            key_data: data.to_vec(),
            prepared_data: data.to_vec(),
            identifier: 0x0059_982C,
            digits: "59386323472137426967".to_owned(),
            cipher_block: vec![0x38, 0x26, 0x9A, 0x8E, 0x59, 0x31, 0x98, 0x17],
            read_amount: 100,
            read_identifier: 0x0059_982C,
        }
    }

    /// The exported functions.
    pub(super) fn functions(&self, memory: &mut Memory) -> String {
        let refusal = toy_refusal("checksum");
        let class = Value::U8(self.class);
        let dissected = Value::Record(vec![class.clone(), Value::Bytes(self.cipher_block.clone())]);
        let prepared = Value::Record(vec![
            class,
            Value::Bytes(self.block.clone()),
            rule(&self.prepared_data),
            Value::S64(self.identifier),
        ]);
        let minute = [Value::U16(2004), Value::U8(3), Value::U8(1), Value::U8(13), Value::U8(0)].to_vec();
        let content = Value::Record(vec![
            Value::text("credit"),
            Value::S64(self.read_amount),
            Value::S64(self.read_identifier),
            Value::Record(minute),
            Value::S64(5),
        ]);
        let mut answer = |value: Value| memory.put(&Value::ok(value, refusal.clone()));
        let answers = [
            ("key", "(param i64 i32 i32)", answer(rule(&self.key_data))),
            ("prepare", "(param i32 i32 i64 i32 i32 i64 i32 i32 i32 i32 i32 i32 i64 i64)", answer(prepared)),
            ("compose", "(param i32 i32 i32)", answer(Value::text(&self.digits))),
            ("dissect", "(param i32 i32)", answer(dissected)),
            ("read", "(param i64 i32 i32 i32 i32 i32)", answer(content)),
            ("facts", "", memory.put(&self.facts())),
        ];
        let function = |(name, params, at): (&str, &str, usize)| {
            format!("(func (export \"dianka:meter/tokens@1.0.0#{name}\") {params} (result i32) (i32.const {at}))\n")
        };
        answers.map(function).concat()
    }

    fn facts(&self) -> Value {
        let field = |offset: u32, len: u32, coding: &str, step: i64| {
            Value::Record(vec![Value::U32(offset), Value::U32(len), Value::text(coding), Value::S64(step)])
        };
        let credit = Value::Record(vec![
            Value::text("credit"),
            Value::both("购电", "credit"),
            Value::U8(self.credit_class),
            Value::text("Wh"),
        ]);
        Value::Record(vec![
            Value::U32(20),
            Value::text(self.digits_coding),
            Value::U32(8),
            field(32, 16, "sts-amount", 100),
            field(8, 24, "uint-be", 1),
            Value::S64(1_638_400),
            Value::S64(1_820_162_400),
            Value::List(vec![credit]),
        ])
    }
}

fn rule(data: &[u8]) -> Value {
    Value::Record(vec![
        Value::text("sts-123457-2-1"),
        Value::text("dkga04"),
        Value::Bytes(data.to_vec()),
        Value::U32(16),
        Value::text("misty1"),
    ])
}

/// The description of the toy standard with a token as its carrier.
pub fn token_description(id: &str) -> Value {
    let Value::Record(mut fields) = description(id, "1.0.0") else { panic!("a description is a record") };
    fields[4] = Value::text("token");
    fields[9] = layout("token", 9, vec![]);
    Value::Record(fields)
}

fn layout(chip: &str, size: u32, writable: Vec<Value>) -> Value {
    let nothing = || Value::List(vec![]);
    Value::Record(vec![
        Value::text(chip),
        Value::U32(size),
        Value::U32(0),
        Value::U8(0),
        nothing(),
        Value::List(writable),
        nothing(),
    ])
}

/// The same with another layout: the chip, its size, and whether there is something to write on it.
pub fn token_description_on(id: &str, chip: &str, size: u32, writable: bool) -> Value {
    let Value::Record(mut fields) = token_description(id) else { panic!("a description is a record") };
    let range = Value::Record(vec![Value::U32(0), Value::U32(1)]);
    fields[9] = layout(chip, size, if writable { vec![range] } else { vec![] });
    Value::Record(fields)
}
