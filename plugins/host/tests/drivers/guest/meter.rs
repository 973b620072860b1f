//! Meter drivers of a toy standard: 256 bytes, seal 68h at 40h, then quantity (kWh), count and meter number.

use dianka_domain::card::CardImage;
use dianka_domain::units::MeterEnergy;
use dianka_plugin_host::meter::{CalendarDate, Content, Purchase, kind};

use super::abi::{Memory, Value};
use super::component::Component;
use super::tokens::TokenAnswers;

const WIT: &str = include_str!("../../../../wit/meter/1.0.0/meter.wit");
const WIT_1_1: &str = include_str!("../../../../wit/meter/1.1.0/meter.wit");
const SEAL: u8 = 0x68;
const SEAL_AT: usize = 0x40;

/// What an exported function does: answers with a value, or runs instructions that leave the address of an answer.
#[derive(Clone)]
enum Body {
    Answer(Box<Value>),
    Code(String),
}

/// A meter driver to be. As made by [`MeterGuest::honest`] it sells exactly the one purchase of [`content`].
#[derive(Clone)]
pub struct MeterGuest {
    id: String,
    version: String,
    pages: u32,
    describe: Body,
    plan: Body,
    encode: Body,
    decode: Body,
    contract: &'static str,
    tokens: Option<TokenAnswers>,
}

impl MeterGuest {
    pub fn honest(id: &str, version: &str) -> Self {
        let card = Value::Record(vec![Value::text("sle4442"), Value::Bytes(target(100, SEAL))]);
        let refusal = toy_refusal("torn");
        Self {
            id: id.to_owned(),
            version: version.to_owned(),
            pages: 4,
            describe: Body::Answer(Box::new(description(id, version))),
            plan: Body::Answer(Box::new(Value::ok(
                Value::Record(vec![Value::S64(100_000), Value::S64(10_000), Value::S64(0)]),
                refusal.clone(),
            ))),
            encode: Body::Answer(Box::new(Value::ok(card, refusal))),
            decode: Body::Code(decode(true)),
            contract: "1.0.0",
            tokens: None,
        }
    }

    /// Built against this version of the contract instead of 1.0.0; of a version that does not exist it is 1.1's text.
    pub fn against(mut self, contract: &'static str) -> Self {
        self.contract = contract;
        self
    }

    /// Exports `tokens`, too, and answers each of its functions so.
    pub fn with_tokens(mut self, answers: TokenAnswers) -> Self {
        self.tokens = Some(answers);
        self.against("1.1.0")
    }

    pub fn describing(mut self, description: Value) -> Self {
        self.describe = Body::Answer(Box::new(description));
        self
    }

    /// Runs `code` when it shall describe itself.
    pub fn describe_code(mut self, code: &str) -> Self {
        self.describe = Body::Code(code.to_owned());
        self
    }

    /// Runs `code` when it shall plan.
    pub fn plan_code(mut self, code: &str) -> Self {
        self.plan = Body::Code(code.to_owned());
        self
    }

    /// Answers with this when it shall plan.
    pub fn planning(mut self, answer: Value) -> Self {
        self.plan = Body::Answer(Box::new(answer));
        self
    }

    /// Writes another quantity, kWh, onto the card.
    pub fn writing(mut self, kwh: u32) -> Self {
        let card = Value::Record(vec![Value::text("sle4442"), Value::Bytes(target(kwh, SEAL))]);
        self.encode = Body::Answer(Box::new(Value::ok(card, toy_refusal("torn"))));
        self
    }

    /// Encodes to these bytes of this chip.
    pub fn encoding(mut self, chip: &str, bytes: Vec<u8>) -> Self {
        let card = Value::Record(vec![Value::text(chip), Value::Bytes(bytes)]);
        self.encode = Body::Answer(Box::new(Value::ok(card, toy_refusal("torn"))));
        self
    }

    /// Decodes whatever the seal says.
    pub fn ignoring_seal(mut self) -> Self {
        self.decode = Body::Code(decode(false));
        self
    }

    /// Starts with so many pages of 64 KiB.
    pub fn pages(mut self, pages: u32) -> Self {
        self.pages = pages;
        self
    }

    pub fn build(&self) -> Component {
        if self.contract == "1.0.0" {
            return Component::wrap(&self.wat(""), &[WIT], "meter-driver");
        }
        let wit = WIT_1_1.replace("dianka:meter@1.1.0", &format!("dianka:meter@{}", self.contract));
        let world = if self.tokens.is_some() { "token-driver" } else { "meter-driver" };
        Component::wrap(&self.wat(""), &[&wit], world)
    }

    /// With tokens, by another text of contract 1.1.
    pub fn build_by(&self, wit: &str) -> Component {
        Component::wrap(&self.wat(""), &[wit], "token-driver")
    }

    pub fn with_manifest(&self) -> Component {
        self.build().with_manifest("meter", &self.id, &self.version)
    }

    /// Also imports a clock of WASI.
    pub fn build_with_wasi(&self) -> Component {
        let wasi = "package wasi:clocks@0.2.6; interface wall-clock { now: func() -> u64; }";
        let evil = "package test:evil@1.0.0;
            world evil { import wasi:clocks/wall-clock@0.2.6; include dianka:meter/meter-driver@1.0.0; }";
        let import = r#"(import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (result i64)))"#;
        Component::wrap(&self.wat(import), &[WIT, wasi, evil], "evil")
    }

    fn wat(&self, imports: &str) -> String {
        let mut memory = Memory::new();
        let decoded = memory.put(&Value::ok(content_value(100), toy_refusal("torn")));
        let torn = memory.put(&Value::err(toy_refusal("torn"), content_value(100)));
        let mut body = |body: &Body| match body {
            Body::Answer(value) => format!("(i32.const {})", memory.put(value)),
            Body::Code(code) => code.replace("$decoded", &decoded.to_string()).replace("$torn", &torn.to_string()),
        };
        let driver = [
            ("describe", "", body(&self.describe)),
            ("plan", "(param i64 i64 i32 i64 i32 i32 i64 i32 i64)", body(&self.plan)),
            ("encode", "(param i32)", body(&self.encode)),
            (
                "decode",
                "(param $chip i32) (param $chip_len i32) (param $bytes i32) (param $len i32)",
                body(&self.decode),
            ),
            ("access", "(param i32)", "unreachable".to_owned()),
        ]
        .map(|(name, params, body)| {
            format!("(func (export \"dianka:meter/driver@1.0.0#{name}\") {params} (result i32) {body})\n")
        })
        .concat();
        let simulator = [
            ("fresh", "(param i64 i32 i32 i32)"),
            ("restore", "(param i32)"),
            ("insert", "(param i32 i32 i32 i32 i32 i32)"),
            ("pass", "(param i32 i32 i64 i32)"),
            ("power", "(param i32 i32 i32)"),
            ("look", "(param i32 i32)"),
        ]
        .map(|(name, params)| {
            format!("(func (export \"dianka:meter/simulator@1.0.0#{name}\") {params} (result i32) unreachable)\n")
        })
        .concat();
        let tokens = self.tokens.as_ref().map(|answers| answers.functions(&mut memory)).unwrap_or_default();
        let (pages, heap, segment) = (self.pages, memory.end(), memory.segment());
        let wat = format!(
            "(module {imports}\n(memory (export \"memory\") {pages})\n{}\n{driver}{simulator}{tokens}{segment})",
            alloc(heap)
        );
        wat.replace("@1.0.0#", &format!("@{}#", self.contract))
    }
}

/// An allocator that never frees, and a function that never ends well.
pub(super) fn alloc(heap: usize) -> String {
    format!(
        "(global $heap (mut i32) (i32.const {heap}))
        (func (export \"cabi_realloc\") (param i32 i32) (param $align i32) (param $size i32) (result i32)
            (local $at i32)
            (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 15)) (i32.const -16)))
            (global.set $heap (i32.add (local.get $at) (local.get $size)))
            (local.get $at))
        (func $deep (param i64) (result i64)
            (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))"
    )
}

/// Answers with the content, if the seal is whole or does not matter.
fn decode(heeds_seal: bool) -> String {
    let seal = format!("(i32.load8_u offset={SEAL_AT} (local.get $bytes))");
    let value = if heeds_seal { seal } else { format!("(i32.const {SEAL})") };
    format!("(select (i32.const $decoded) (i32.const $torn) (i32.eq {value} (i32.const {SEAL})))")
}

/// The card before the sale.
pub fn before() -> CardImage {
    CardImage::new(vec![0; 256])
}

fn target(kwh: u32, seal: u8) -> Vec<u8> {
    let mut bytes = vec![0; 256];
    bytes[SEAL_AT] = seal;
    bytes[SEAL_AT + 1..SEAL_AT + 5].copy_from_slice(&kwh.to_be_bytes());
    bytes[SEAL_AT + 5..SEAL_AT + 7].copy_from_slice(&1_u16.to_be_bytes());
    bytes[SEAL_AT + 7..SEAL_AT + 11].copy_from_slice(&12_345_678_u32.to_be_bytes());
    bytes
}

/// The one purchase that the toy driver sells: 100 kWh.
pub fn content() -> Content {
    Content {
        kind: kind::PURCHASE.to_owned(),
        system_code: 7,
        region: 8,
        user_no: 9,
        card_no: 1,
        key_version: 1,
        purchase: Some(Purchase {
            meter_no: 12_345_678,
            count: 1,
            quantity_wh: MeterEnergy::from_wh(100_000),
            alarm_wh: MeterEnergy::from_wh(10_000),
            overdraft_wh: MeterEnergy::ZERO,
            hoard_wh: MeterEnergy::ZERO,
            limit_mode: 0,
            capacity_w: 0,
            preset_wh: MeterEnergy::ZERO,
            date: CalendarDate { year: 2026, month: 11, day: 22 },
        }),
        returned: None,
        params: vec![],
    }
}

/// The same as the guest's memory holds it.
fn content_value(kwh: i64) -> Value {
    let date = Value::Record(vec![Value::U16(2026), Value::U8(11), Value::U8(22)]);
    let purchase = Value::Record(vec![
        Value::S64(12_345_678),
        Value::U32(1),
        Value::S64(kwh * 1000),
        Value::S64(10_000),
        Value::S64(0),
        Value::S64(0),
        Value::U8(0),
        Value::U32(0),
        Value::S64(0),
        date,
    ]);
    let returned = Value::Record(vec![
        Value::S64(0),
        Value::S64(0),
        Value::U32(0),
        Value::S64(0),
        Value::S64(0),
        Value::S64(0),
        Value::S64(0),
        Value::U32(0),
        Value::Bool(false),
        Value::U32(0),
        Value::U32(0),
    ]);
    Value::Record(vec![
        Value::text("purchase"),
        Value::U32(7),
        Value::U32(8),
        Value::S64(9),
        Value::U32(1),
        Value::U8(1),
        Value::option(Some(purchase.clone()), purchase),
        Value::option(None, returned),
        Value::List(vec![]),
    ])
}

pub fn toy_refusal(code: &str) -> Value {
    Value::Record(vec![
        Value::text(code),
        Value::text("the seal is broken"),
        Value::option(Some(Value::U32(0x40)), Value::U32(0)),
        Value::List(vec![]),
    ])
}

/// The description of the toy standard.
pub fn description(id: &str, version: &str) -> Value {
    let flag = |flag: Option<bool>| Value::option(flag.map(Value::Bool), Value::Bool(false));
    let facts = Value::Record(vec![
        Value::S64(1000),
        Value::S64(1000),
        Value::S64(9_999_000),
        Value::U32(9999),
        Value::option(None, Value::U32(0)),
        Value::text("meter"),
        Value::U32(100),
        Value::S64(1000),
        flag(None),
        flag(Some(true)),
        flag(Some(false)),
        Value::U32(99_990),
    ]);
    let field = |name: &str, offset: u32, len: u32, step: i64| {
        Value::Record(vec![
            Value::text(name),
            Value::U32(offset),
            Value::U32(len),
            Value::text("uint-be"),
            Value::S64(step),
        ])
    };
    let range = |offset: u32, len: u32| Value::Record(vec![Value::U32(offset), Value::U32(len)]);
    let layout = Value::Record(vec![
        Value::text("sle4442"),
        Value::U32(256),
        Value::U32(0x40),
        Value::U8(SEAL),
        Value::List(vec![field("quantity", 0x41, 4, 1000), field("count", 0x45, 2, 1), field("meter-no", 0x47, 4, 1)]),
        Value::List(vec![range(0x40, 0x20)]),
        Value::List(vec![range(0xc0, 0x40)]),
    ]);
    Value::Record(vec![
        Value::text(id),
        Value::text(version),
        Value::both("玩具标准", "Toy standard"),
        Value::texts(&["TOY 1"]),
        Value::text("card"),
        Value::both("仅供测试", "for tests only"),
        Value::texts(&["purchase"]),
        facts,
        Value::List(vec![]),
        layout,
        Value::List(vec![]),
    ])
}
