//! The file, as `tail -F` and `jq` show it.

use serde_json::json;

use crate::harness::{HealthService, at_once, path, record};
use crate::log;

#[test]
fn every_write_is_a_line_of_json_with_a_crc() {
    let health = HealthService::on_file();
    let ada = health.ada();
    assert_eq!(String::from_utf8(health.content()).expect("text"), log::empty());
    let _ = ada.post(&path(7), &record()).expect(201);
    let _ = ada.put(&path(7), &json!({"weight": 65})).expect(200);
    let _ = ada.patch(&path(7), &json!({"height": 175.5})).expect(200);
    let _ = ada.delete(&path(7)).expect(204);
    let mut lines = log::read(&health.file()).split_off(3);
    for line in &mut lines {
        line.as_object_mut().expect("an object").remove("crc");
    }
    let expected = [
        json!({"seq": 1, "batch": [1, 1], "op": "put", "id": 7, "record": record()}),
        json!({"seq": 2, "batch": [2, 2], "op": "put", "id": 7, "record": {"weight": 65}}),
        json!({"seq": 3, "batch": [3, 3], "op": "put", "id": 7, "record": {"weight": 65, "height": 175.5}}),
        json!({"seq": 4, "batch": [4, 4], "op": "delete", "id": 7}),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn each_line_names_the_first_and_last_line_of_its_batch() {
    let health = HealthService::on_file();
    at_once(64, |number| {
        let _ = health.ada().post(&path(i64::try_from(number).expect("small") + 1), &record()).expect(201);
    });
    let lines = log::read(&health.file()).split_off(3);
    assert_eq!(lines.len(), 64);
    let mut lines = lines.iter();
    let mut seq = 0;
    while let Some(first) = lines.next() {
        let batch = &first["batch"];
        assert_eq!((&first["seq"], &batch[0]), (&json!(seq + 1), &json!(seq + 1)), "{first}");
        let last = batch[1].as_u64().expect("a number");
        for within in seq + 2..=last {
            let line = lines.next().expect("the last batch is whole");
            assert_eq!((&line["seq"], &line["batch"]), (&json!(within), batch), "{line}");
        }
        seq = last;
    }
    assert_eq!(seq, 64);
}
