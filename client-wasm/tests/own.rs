//! Own data: canvases and microphones come to the bytes that the host's files come to, and what is none is refused as it is.

#[path = "work/mnist.rs"]
mod mnist;

use std::f64::consts::PI;

use client_wasm::own::{Collection, Example, Flaw, KINDS, fitting};
use features::log_mel;

/// The bytes of one example.
fn sample(kind: &str, sizes: &[u32], numbers: &[f32]) -> Result<Vec<u8>, Flaw> {
    let mut collection = Collection::default();
    collection.add(kind, 0, &Example { sizes, numbers })?;
    collection.shard().map(|it| it.features)
}

/// Half a second of a tone that rises from 200 to 2,200 Hz, at this rate.
fn rising(rate: u32) -> Vec<f32> {
    let phase = |it: f64| 2.0 * PI * (200.0 * it + 2000.0 * it * it);
    (0..rate / 2).map(|it| (0.25 * phase(f64::from(it) / f64::from(rate)).sin()) as f32).collect()
}

#[test]
fn every_kind_has_its_own_name_and_fits_some_named_model() {
    let names: Vec<&str> = KINDS.iter().map(|it| it.name()).collect();
    assert_eq!(names, ["drawing", "recording"]);
    assert_eq!((fitting(784), fitting(3920), fitting(785)), (vec!["drawing"], vec!["recording"], vec![]));
}

#[test]
fn a_digit_that_is_drawn_large_comes_to_what_mnist_has() {
    let Some((_, test)) = mnist::load() else { return };
    let (mut off, mut n) = (0.0, 0);
    for digit in test.features.chunks(784).take(500) {
        // Nine times as large on a transparent canvas, in black, somewhere.
        let side = 300;
        let mut canvas = vec![0.0; side * side * 4];
        for at in 0..252 * 252 {
            let (x, y) = (at % 252, at / 252);
            canvas[((y + 40) * side + x + 11) * 4 + 3] = f32::from(digit[y / 9 * 28 + x / 9]);
        }
        let drawn = sample("drawing", &[side as u32, 4], &canvas).expect("a digit");
        off += digit.iter().zip(&drawn).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        n += digit.iter().map(|it| u64::from(*it)).sum::<u64>();
    }
    let off = off / n as f64;
    println!("of the ink of 500 digits {:.2} % lies elsewhere", 100.0 * off);
    assert!(off < 0.01, "{off}");
}

#[test]
fn a_recording_of_any_rate_is_the_picture_that_a_host_makes_of_it() {
    let expected = log_mel::bytes(&rising(8_000).iter().map(|it| (it * 32_768.0).round() as i16).collect::<Vec<_>>());
    assert_eq!(sample("recording", &[8_000], &rising(8_000)).as_ref(), Ok(&expected));
    for rate in [16_000, 44_100, 48_000] {
        let heard = sample("recording", &[rate], &rising(rate)).expect("heard");
        let off: f64 = heard.iter().zip(&expected).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / 3920.0;
        assert!(off < 2.0, "{rate}: {off} of 255 a pixel");
    }
}

#[test]
fn a_collection_is_a_shard_of_its_examples_in_order() {
    let mut collection = Collection::default();
    assert_eq!(collection.shard(), Err(Flaw::Nothing));
    let add = |collection: &mut Collection, label, pixels: [f32; 6]| {
        collection.add("drawing", label, &Example { sizes: &[3, 1], numbers: &pixels })
    };
    assert_eq!(add(&mut collection, 2, [0.0, 0.0, 0.0, 0.0, 0.0, 255.0]), Ok(1));
    assert_eq!(add(&mut collection, 0, [0.0, 0.0, 0.0, 9.0, 0.0, 0.0]), Err(Flaw::Blank), "too faint");
    assert_eq!(add(&mut collection, 1, [255.0, 255.0, 255.0, 0.0, 255.0, 255.0]), Ok(2));
    let shard = collection.shard().expect("two examples");
    assert_eq!((shard.sample_len, shard.n_classes, &shard.labels[..]), (784, 3, &[2, 1][..]));
    assert_eq!(shard.problem(784, Some(3)), None);
    // As PyTorch's users standardise MNIST: a byte of 0 is −0.4242, one of 255 is 2.8215.
    let input = |byte: f32| byte * shard.scale + shard.shift;
    assert!((input(0.0) + 0.4242).abs() < 1e-3 && (input(255.0) - 2.8215).abs() < 1e-3, "{shard:?}");
}

#[test]
fn what_is_no_example_is_refused_as_what_it_is() {
    let refused = |kind: &str, sizes: &[u32], numbers: &[f32]| sample(kind, sizes, numbers).expect_err("refused");
    let misshapen = |n, sizes: &[u32]| Flaw::Misshapen { n, sizes: sizes.to_vec() };
    assert_eq!(refused("drawing", &[3, 1], &[0.0; 4]), misshapen(4, &[3, 1]));
    assert_eq!(refused("drawing", &[0, 4], &[]), misshapen(0, &[0, 4]));
    assert_eq!(refused("drawing", &[2, 3], &[0.0; 6]), misshapen(6, &[2, 3]));
    assert_eq!(refused("drawing", &[2, 1], &[0.0, f32::NAN]), Flaw::NotFinite { at: 1 });
    assert_eq!(refused("drawing", &[2, 1], &[7.0; 4]), Flaw::Blank);
    assert_eq!(refused("recording", &[], &[0.5]), misshapen(1, &[]));
    assert_eq!(refused("recording", &[16_000], &[0.001; 999]), Flaw::Blank);
    let rate = |given| Flaw::Rate { given, least: 8_000, most: 192_000 };
    assert_eq!(refused("recording", &[7_999], &[0.5]), rate(7_999));
    assert_eq!(refused("recording", &[192_001], &[0.5]), rate(192_001));
    let smell = refused("smell", &[], &[]).to_string();
    assert_eq!(smell, "there is no own data of the kind smell: use drawing or recording");
    let mut collection = Collection::default();
    collection.add("recording", 0, &Example { sizes: &[8_000], numbers: &rising(8_000) }).expect("heard");
    let drawn = collection.add("drawing", 0, &Example { sizes: &[2, 1], numbers: &[0.0, 255.0] });
    assert_eq!(drawn, Err(Flaw::OtherKind { given: "drawing", begun: "recording" }));
    assert_eq!(collection.shard().map(|it| it.len()), Ok(1), "as it was");
}
