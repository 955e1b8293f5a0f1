//! Settings are read, checked and described as declared.

use super::*;

settings! {
    /// A pace.
    pub struct Pace {
        /// Number of steps at a time.
        steps: u32 [from(1.0).up_to(10.0)],
        /// Speed of the pace.
        speed: f64 [above(0.0)] = 0.5,
    }
}

settings! {
    /// A list of paces.
    pub struct Way {
        /// All paces.
        paces: Vec<Pace>,
    }
}

#[test]
fn what_is_left_out_has_its_default_and_what_is_unknown_is_refused() {
    let read = |text: &str| serde_json::from_str::<Pace>(text);
    assert_eq!(read(r#"{"steps": 3}"#).expect("legal"), Pace { steps: 3, speed: 0.5 });
    assert!(read(r#"{"speed": 1}"#).expect_err("no steps").to_string().contains("missing field `steps`"));
    let error = read(r#"{"steps": 3, "sped": 1}"#).expect_err("unknown").to_string();
    assert!(error.contains("unknown field `sped`, expected `steps` or `speed`"), "{error}");
}

#[test]
fn all_problems_come_at_once_with_key_value_and_range() {
    let way = Way { paces: vec![Pace { steps: 0, speed: f64::NAN }, Pace { steps: 10, speed: -1.0 }] };
    let mut problems = vec![];
    way.check_all("way", &mut problems);
    let said: Vec<String> = problems.iter().map(OutOfRange::to_string).collect();
    assert_eq!(
        said,
        [
            "way.paces[0].steps = 0 must be from 1 to 10",
            "way.paces[0].speed = NaN must be above 0",
            "way.paces[1].speed = -1 must be above 0",
        ]
    );
}

#[test]
fn the_reference_says_what_the_code_says() {
    let [steps, speed] = Pace::FIELDS else { panic!("two keys") };
    assert_eq!((steps.name, steps.about, steps.kind), ("steps", &[" Number of steps at a time."][..], "u32"));
    assert_eq!((speed.allowed.to_string().as_str(), speed.default.map(|it| it())), ("above 0", Some("0.5".into())));
    assert!(steps.default.is_none());
    assert_eq!(Pace::ABOUT, [" A pace."]);
}
