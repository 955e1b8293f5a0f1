//! Classic mistakes: each would give a different mask than the rule, in cases that can be checked by hand.

use super::*;

/// The living groups after an event with these gradients.
fn by_gradients(scene: &Scene, budget: Budget, gradients: &[f64]) -> Vec<usize> {
    let tally = Tally::new(scene.groups.n_groups());
    scene.elect(budget, Gathered::Gradients(gradients), &tally).mask.iter().collect()
}

#[test]
fn a_consumers_column_is_not_the_units_own() {
    // Units of own weight 3 and 2, which the next layer reads with weights 0 and 9.
    let alive = |over: &str| {
        let text = format!(r#""criterion":{{"kind":"magnitude","over":"{over}"}}"#);
        let mut scene = Scene::new(net(&[1, 2, 2]), &text);
        // The first weight [2, 1], its two biases, and the second weight [2, 2].
        scene.weights[..8].copy_from_slice(&[3.0, 2.0, 0.0, 0.0, 0.0, 9.0, 0.0, 9.0]);
        scene.alive(Budget::Keep(0.5))
    };
    assert_eq!((alive("own"), alive("all")), (vec![0], vec![1]));
}

#[test]
fn a_bias_is_not_scored_unless_it_is_asked_for() {
    // SNIP: s = |w·g| of two weights is 2 and 1, that of their biases 9 and 0.
    let alive = |among: &str| {
        let text = format!(
            r#""pattern":{{"kind":"weight"}},"criterion":{{"kind":"saliency"}},"scope":{{"kind":"global"}},
            "among":{{"only":["*"]{among}}}"#
        );
        let mut scene = Scene::new(net(&[1, 2]), &text);
        scene.weights.copy_from_slice(&[1.0, -2.0, 3.0, 0.0]);
        by_gradients(&scene, Budget::Keep(0.5), &[2.0, 0.5, 3.0, 7.0])
    };
    // Of two weights one is kept; of all four parameters, the first weight and the first bias.
    assert_eq!(alive(""), [0]);
    assert_eq!(alive(r#","biases":true"#), [0, 2]);
}

#[test]
fn a_deviation_is_the_populations_and_not_a_samples() {
    // w = −2, −1, 1, 2 has a deviation of √(10 / 4) = 1.581; as a sample of four it would have √(10 / 3) = 1.826.
    let alive = |q: f64| {
        let text = format!(r#""pattern":{{"kind":"weight"}},"scope":{{"kind":"threshold","q":{q}}}"#);
        let rest = [1.0; 8];
        let weights = [&[-2.0, -1.0, 1.0, 2.0], &rest[..]].concat();
        let drop = Budget::Drop { share: None, of: Of::Remaining, nth: 1 };
        let alive = Scene::new(net(&[1, 4, 2]), &text).weighing(&weights).alive(drop);
        alive.into_iter().filter(|it| *it < 4).collect::<Vec<_>>()
    };
    assert_eq!(alive(0.6), [0, 1, 2, 3], "0.949 is below 1");
    assert_eq!(alive(0.6 * (4.0_f64 / 3.0).sqrt()), [0, 3], "1.095 is not");
}

#[test]
fn squares_are_of_clients_and_not_of_their_mean() {
    // Two clients with one sample each: for the first weight they disagree by ±3, for the second they agree on 1.
    let clients = [[3.0, 1.0], [-3.0, 1.0]];
    let alive = |squares: [f64; 2]| {
        let text = r#""pattern":{"kind":"weight"},"criterion":{"kind":"square"},"among":{"only":["*"]}"#;
        let scene = Scene::new(net(&[1, 2]), text);
        let squares = [&squares[..], &[0.0; 2]].concat();
        let election = scene.elect(Budget::Keep(0.5), Gathered::Squares(&squares), &Tally::new(2));
        election.mask.iter().collect::<Vec<_>>()
    };
    let each = |at: usize| clients.iter().map(|it| it[at] * it[at]).sum::<f64>();
    let of_mean = |at: usize| (clients.iter().map(|it| it[at]).sum::<f64>() / 2.0).powi(2) * 2.0;
    assert_eq!(([0, 1].map(each), [0, 1].map(of_mean)), ([18.0, 2.0], [0.0, 2.0]));
    assert_eq!((alive([0, 1].map(each)), alive([0, 1].map(of_mean))), (vec![0], vec![1]));
}
