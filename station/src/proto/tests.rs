//! The wire form is a contract with servers of other versions: its names are pinned here.

use serde_json::json;

use super::*;

fn roundtrip<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    wire: &serde_json::Value,
) {
    assert_eq!(&serde_json::to_value(value).unwrap(), wire);
    assert_eq!(&serde_json::from_value::<T>(wire.clone()).unwrap(), value);
}

#[test]
fn messages_of_a_station_have_these_names() {
    let id = Uuid::from_u128(7);
    roundtrip(
        &FromStation::CardIn(CardSeen {
            session: id,
            chip: "sle4442".into(),
            image: Hex(vec![0xA2, 0x13]),
            tries: Some(3),
        }),
        &json!({"type": "card-in", "session": id, "chip": "sle4442", "image": "a213", "tries": 3}),
    );
    roundtrip(
        &FromStation::TicketResult(TicketResult {
            op: id,
            epoch: 2,
            session: id,
            outcome: TicketOutcome::Torn {
                image: None,
                step: Step::EraseSeal,
                code: "write.removed".into(),
                tries: None,
                detail: String::new(),
            },
            psc_changed: None,
        }),
        &json!({"type": "ticket-result", "op": id, "epoch": 2, "session": id, "psc_changed": null,
            "outcome": {"outcome": "torn", "image": null, "step": "erase-seal", "code": "write.removed", "tries": null}}),
    );
    roundtrip(
        &FromStation::ReadAnswer {
            request: id,
            result: ReadOutcome::Failed { code: "card.none".into(), detail: String::new() },
        },
        &json!({"type": "read-answer", "request": id, "result": "failed", "code": "card.none", "detail": ""}),
    );
    roundtrip(&FromStation::Pong, &json!({"type": "pong"}));
}

#[test]
fn messages_of_a_server_have_these_names() {
    let id = Uuid::from_u128(9);
    roundtrip(
        &ToStation::Welcome(Welcome { workstation_id: id, number: 0, org: id, server_ticket_key: Hex(vec![1, 2]) }),
        &json!({"type": "welcome", "workstation_id": id, "number": 0, "org": id, "server_ticket_key": "0102"}),
    );
    roundtrip(
        &ToStation::Bench { request: id, cmd: BenchCommand::PullAfter { cells: 5 } },
        &json!({"type": "bench", "request": id, "cmd": {"do": "pull-after", "cells": 5}}),
    );
    assert_eq!(
        serde_json::from_value::<ToStation>(json!({"type": "test-port", "request": id})).unwrap(),
        ToStation::TestPort(TestPort { request: id, port: None, driver: None, baud: None })
    );
}

#[test]
fn an_unknown_message_is_an_error() {
    assert!(serde_json::from_value::<ToStation>(json!({"type": "format-all-cards"})).is_err());
}
