//! Coded floats: what a codec loses on its way up or down, and no more.

use protocol::codecs::Codec;
use protocol::mask::Mask;
use protocol::task::Task;
use protocol::wire::{MaskOn, Packed, Plan, Weights};

use super::client::{Client, PLAIN, coding, exactly, plan, task, under, update};

const CODECS: [&str; 3] = [r#"{"kind":"f16"}"#, r#"{"kind":"uniform","bits":8}"#, r#"{"kind":"uniform","bits":1}"#];

/// A pruned model, narrow and masked.
fn tasks() -> [(Task, Mask); 2] {
    let weights = under("weight", r#"{"only":["linear1"]}"#, task(PLAIN));
    [(task(PLAIN), Mask::from_fn(9, |it| it % 3 != 1)), (weights, Mask::from_fn(36, |it| it % 3 != 1))]
}

fn coded(task: &Task, text: String) -> Task {
    let mut task = task.clone();
    task.stages[0].coding = coding(&text);
    task
}

#[test]
fn an_update_is_coded_within_the_error_that_its_codec_states() {
    for (task, mask) in tasks() {
        let asked = || Plan { mask: MaskOn::new(&mask), vote: None, ..plan(&mask) };
        let exact = update(&Client::new(&task).work(asked()));
        for text in CODECS {
            let task = coded(&task, format!(r#"{{"up":{text}}}"#));
            let mut client = Client::new(&task);
            let graph = client.model.graph();
            let blocks = client.groups.kept(graph, &mask).blocks(&graph.param_ranges());
            let codec: &Codec = &task.stages[0].coding.up;
            let update = client.work(asked()).update.expect("asked for");
            let bytes = update.bytes();
            assert_eq!(bytes.len(), codec.packed_len(&blocks), "{text}");
            let values = codec.unpack(bytes, &blocks).expect("as it was packed");
            assert_ne!(values, exact, "{text} loses something");
            for block in blocks {
                let (before, after) = (&exact[block.clone()], &values[block.clone()]);
                let (low, high) = before.iter().fold((f32::MAX, f32::MIN), |(a, b), it| (a.min(*it), b.max(*it)));
                let worst = codec.worst_error(low, high);
                assert!(before.iter().zip(after).all(|(a, b)| (a - b).abs() <= worst), "{text} {block:?}");
            }
        }
    }
}

#[test]
fn training_starts_from_what_the_code_says() {
    for (task, mask) in tasks() {
        for text in CODECS {
            let task = coded(&task, format!(r#"{{"down":{text}}}"#));
            let mut client = Client::new(&task);
            let kept = client.groups.kept(client.model.graph(), &mask);
            let blocks = kept.blocks(&client.model.graph().param_ranges());
            let codec = &task.stages[0].coding.down;
            let bytes = codec.pack(&kept.gather(&client.model.w0(5)), &blocks, 7);
            let decoded = codec.unpack(&bytes, &blocks).expect("as it was packed");
            let asked = |weights| Plan { mask: MaskOn::new(&mask), vote: None, weights, ..plan(&mask) };
            let found = client.work(asked(Weights::Values(Packed::new(bytes))));
            let expected = Client::new(&coded(&task, "{}".into())).work(asked(exactly(&decoded)));
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn bytes_that_no_weights_have_are_refused_in_words() {
    let task = coded(&task(PLAIN), r#"{"down":{"kind":"f16"}}"#.into());
    let weights = Weights::Values(Packed::new(vec![0; 129]));
    let error = Client::new(&task).try_work(Plan { weights, ..plan(&Mask::full(9)) }).expect_err("refused");
    assert_eq!(error.to_string(), "the plan does not fit the model: 129 bytes of weights for 65 that are alive");
}
