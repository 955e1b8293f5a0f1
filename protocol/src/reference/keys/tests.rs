//! Compares the document with the reader of recipes: values that the document allows are accepted, values outside are
//! refused, for every key of every table and entry. Values are made from the document alone, as a generated form would
//! make them.

use serde_json::{Map, Value, json};

use super::*;
use crate::local::{TypedCoding, TypedLocal};
use crate::models::RawModel;
use crate::rules::TypedPruning;

fn document() -> Value {
    serde_json::from_str(&keys()).expect("JSON")
}

fn list(it: &Value) -> &[Value] {
    it.as_array().expect("a list")
}

fn text(it: &Value) -> &str {
    it.as_str().expect("a text")
}

/// The element with this id or name.
fn named<'a>(all: &'a Value, by: &str, name: &str) -> &'a Value {
    list(all).iter().find(|it| it[by] == name).unwrap_or_else(|| panic!("no element has the name {name}"))
}

/// The required keys, each with a value.
fn needed(document: &Value, keys: &Value) -> Map<String, Value> {
    let required = list(keys).iter().filter(|it| it["required"] == true);
    required.map(|it| (text(&it["name"]).to_owned(), first(document, it))).collect()
}

/// The items of a list, described like a key.
fn item(key: &Value) -> Value {
    json!({ "type": key["type"]["of"], "min": key["min"], "max": key["max"] })
}

/// One value that the document allows. An entry that contains entries of its own registry gets the first one.
fn first(document: &Value, key: &Value) -> Value {
    let shape = &key["type"];
    match text(&shape["is"]) {
        "entry" => entry(document, text(&shape["of"]), text(&shape["names"][0])),
        "list" => json!([first(document, &item(key))]),
        _ => legal(document, key).remove(0),
    }
}

fn entry(document: &Value, of: &str, name: &str) -> Value {
    let entry = named(&named(&document["registries"], "id", of)["entries"], "name", name);
    let mut value = needed(document, &entry["keys"]);
    value.insert("kind".into(), json!(name));
    value.into()
}

/// A number near another one.
fn beside(number: f64, by: f64) -> Value {
    json!(number + by * (number.abs() * 1e-3).max(1e-3))
}

/// Values at the ends of a range, inside and outside.
fn at_ends(key: &Value) -> (Vec<Value>, Vec<Value>) {
    let is_whole = key["type"]["is"] == "whole" || key["type"]["of"]["is"] == "whole";
    let (mut inside, mut outside) = (vec![], vec![]);
    for (end, inwards) in [(&key["min"], 1.0), (&key["max"], -1.0)] {
        let Some(number) = end["value"].as_f64() else { continue };
        let at = |by: f64| if is_whole { json!((number + by) as i64) } else { beside(number, by) };
        outside.push(at(-inwards));
        if end["open"] == true { &mut outside } else { &mut inside }.push(end["value"].clone());
        inside.push(at(inwards));
    }
    let is_legal = |it: &Value| {
        [(&key["min"], 1.0), (&key["max"], -1.0)].iter().all(|(end, inwards)| {
            end["value"].as_f64().is_none_or(|end| (it.as_f64().unwrap_or(f64::NAN) - end) * inwards >= 0.0)
        })
    };
    inside.retain(is_legal);
    (inside, outside)
}

/// Values that the document allows, at least one.
fn legal(document: &Value, key: &Value) -> Vec<Value> {
    let shape = &key["type"];
    let names = || list(&shape["names"]).iter().cloned();
    match text(&shape["is"]) {
        "whole" | "number" => {
            let (inside, _) = at_ends(key);
            if inside.is_empty() { vec![json!(0), json!(1)] } else { inside }
        }
        "switch" => vec![json!(true), json!(false)],
        "text" => vec![json!("x"), json!("")],
        "sample" => vec![json!([784]), json!([1, 28, 28]), json!("data")],
        "list" => {
            let items = legal(document, &item(key));
            items.iter().map(|it| json!([it])).chain([json!(items), json!([])]).collect()
        }
        "table" => vec![needed(document, &named(&document["tables"], "id", text(&shape["of"]))["keys"]).into()],
        "entry" => names().map(|it| entry(document, text(&shape["of"]), text(&it))).collect(),
        "word" => names().collect(),
        other => panic!("unknown kind of value: {other}"),
    }
}

/// Values that the document does not allow.
fn illegal(key: &Value) -> Vec<Value> {
    let shape = &key["type"];
    match text(&shape["is"]) {
        is @ ("whole" | "number") => {
            let (_, mut outside) = at_ends(key);
            outside.extend([json!("1"), json!(true), json!([1])]);
            outside.extend((is == "whole").then(|| json!(1.5)));
            outside
        }
        "switch" => vec![json!("true"), json!(1)],
        "text" => vec![json!(1), json!(["x"])],
        "sample" => vec![json!("date"), json!([-1]), json!(784)],
        "list" => illegal(&item(key)).iter().map(|it| json!([it])).chain([json!(1)]).collect(),
        "table" => vec![json!({ "no_such_key": 1 }), json!(1)],
        "entry" => vec![json!({ "kind": "no_such_entry" }), json!({}), json!(1)],
        "word" => vec![json!("no_such_word"), json!(1)],
        other => panic!("unknown kind of value: {other}"),
    }
}

/// Tries a key together with the required keys; returns the number of comparisons of document and reader.
fn compare(document: &Value, read: super::super::Read, place: &str, base: &Map<String, Value>, key: &Value) -> usize {
    let name = text(&key["name"]);
    let told = |value: &Value| {
        let mut typed = base.clone();
        typed.insert(name.into(), value.clone());
        read(&typed.into())
    };
    let (mut legal, illegal) = (legal(document, key), illegal(key));
    legal.extend(key.get("default").filter(|it| !it.is_null()).cloned());
    for it in &legal {
        assert_eq!(told(it), Ok(()), "{place}.{name} = {it}");
    }
    for it in &illegal {
        assert!(told(it).is_err(), "{place}.{name} = {it} is accepted");
    }
    legal.len() + illegal.len()
}

#[test]
fn what_the_document_allows_is_taken_and_what_lies_outside_is_refused() {
    let document = document();
    let mut n = 0;
    for (table, told) in TABLES.iter().zip(list(&document["tables"])) {
        let base = needed(&document, &told["keys"]);
        assert_eq!((table.read)(&base.clone().into()), Ok(()), "{}", table.title);
        n += list(&told["keys"]).iter().map(|it| compare(&document, table.read, table.title, &base, it)).sum::<usize>();
    }
    for (registry, told) in REGISTRIES.iter().zip(list(&document["registries"])) {
        for it in list(&told["entries"]) {
            let base = entry(&document, text(&told["id"]), text(&it["name"]));
            let base = base.as_object().expect("an entry");
            assert_eq!((registry.read)(&base.clone().into()), Ok(()), "{}", registry.title);
            let keys = list(&it["keys"]).iter();
            n += keys.map(|it| compare(&document, registry.read, registry.title, base, it)).sum::<usize>();
            let unknown = [base.clone(), Map::from_iter([("no_such_key".to_owned(), json!(1))])];
            assert!((registry.read)(&unknown.into_iter().flatten().collect()).is_err(), "{}", registry.title);
        }
    }
    for (vocabulary, told) in VOCABULARIES.iter().zip(list(&document["vocabularies"])) {
        let words = list(&told["words"]);
        assert!(words.iter().all(|it| (vocabulary.read)(&it["name"]).is_ok()), "{}", vocabulary.title);
        assert!((vocabulary.read)(&json!("no_such_word")).is_err(), "{}", vocabulary.title);
    }
    assert!(n > 800, "only {n} values were compared");
}

#[test]
fn what_is_required_is_missed_and_what_is_not_may_be_left_out() {
    let document = document();
    let without = |base: &Map<String, Value>, key: &str| {
        let mut base = base.clone();
        base.remove(key).map(|_| base.into())
    };
    for (table, told) in TABLES.iter().zip(list(&document["tables"])).filter(|it| !it.0.is_inherited) {
        let base = needed(&document, &told["keys"]);
        for key in base.keys() {
            assert!(without(&base, key).is_some_and(|it| (table.read)(&it).is_err()), "{}.{key}", table.title);
        }
    }
    for (registry, told) in REGISTRIES.iter().zip(list(&document["registries"])) {
        for it in list(&told["entries"]) {
            let base = entry(&document, text(&told["id"]), text(&it["name"]));
            let base = base.as_object().expect("an entry");
            for key in base.keys() {
                assert!(without(base, key).is_some_and(|it| (registry.read)(&it).is_err()), "{}.{key}", registry.title);
            }
        }
    }
    let required = |id: &str| {
        let table = named(&document["tables"], "id", id);
        assert_eq!(table["inherited"], true);
        let keys = list(&table["keys"]).iter().filter(|it| it["required"] == true);
        keys.map(|it| text(&it["name"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(required("local-training"), TypedLocal::default().complete().expect_err("nothing is typed"));
    assert_eq!(required("the-mask"), TypedPruning::default().complete().expect_err("nothing is typed"));
    assert!(required("the-wire").is_empty() && TypedCoding::default().complete().is_ok());
}

#[test]
fn models_have_the_names_and_widths_that_are_told() {
    let model = |value: Value| serde_json::from_value::<RawModel>(value).expect("a model").stack();
    for it in list(&document()["models"]) {
        let name = &it["name"];
        assert!(model(json!({ "name": name })).is_ok(), "{name}");
        assert_eq!(model(json!({ "name": name, "width": 0.5 })).is_ok(), it["widths"] == true, "{name}");
    }
}

#[test]
fn a_key_reads_as_a_form_needs_it() {
    let document = document();
    assert_eq!((&document["version"], &document["recipe"]), (&json!(1), &json!("a-recipe")));
    let local = &named(&document["tables"], "id", "local-training")["keys"];
    let whole = json!({
        "name": "batch", "about": "Samples per step.", "type": { "is": "whole" }, "required": true,
        "min": { "value": 1, "open": false }, "max": { "value": 65535, "open": false },
    });
    assert_eq!(*named(local, "name", "batch"), whole);
    let sgd = &named(&named(&document["registries"], "id", "optimizers")["entries"], "name", "sgd")["keys"];
    let number = json!({
        "name": "momentum", "about": "Momentum μ.", "type": { "is": "number" }, "required": false, "default": 0.0,
        "min": { "value": 0.0, "open": false }, "max": { "value": 1.0, "open": true },
    });
    assert_eq!(*named(sgd, "name", "momentum"), number);
    let words = json!({ "is": "word", "of": "memory", "names": ["fresh", "kept"] });
    assert_eq!(named(local, "name", "memory")["type"], words);
    assert_eq!(named(&document["vocabularies"], "id", "memory")["words"][1]["name"], "kept");
    // The range of the type limits a key without a range of its own.
    let samples = named(local, "name", "samples");
    assert_eq!((&samples["min"]["value"], &samples["max"]["value"]), (&json!(1), &json!(4_294_967_295_u64)));
    assert_eq!(samples["default"], Value::Null);
}
