//! throwaway
use coordinator::session::*;
use protocol::wire::Evaluation;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    for n in [0u32, 1, 5, 30] {
        let view = View {
            recipe: "voted".into(),
            about: "".into(),
            data: "".into(),
            phase: Phase::Collecting,
            is_paused: false,
            rounds_committed: n,
            rounds: 30,
            needed: 2,
            cohort: 2,
            counted: 0,
            deadline_secs: 60,
            clients: vec![],
            history: (0..n)
                .map(|r| {
                    let left = 0.97f64.powi(r as i32 + 1);
                    let e = |c| Evaluation { n: 1000, correct: c, loss: 2.3 * 0.8f32.powi(r as i32) + 0.1 };
                    RoundRecord {
                        round: r,
                        cohort: 3,
                        counted: 3,
                        void: 0,
                        loss: 1.9 * 0.78f32.powi(r as i32) + 0.05,
                        received: e(975 - 850 / (r + 1)),
                        trained: e(982 - 600 / (r + 1)),
                        test: None,
                        alive: vec![(300.0 * left) as u32, (100.0 * left.powf(0.4)) as u32],
                        n_alive_weights: (266610.0 * left * left) as u64,
                        bytes_up: (3.2e6 * left * left) as u64,
                        bytes_down: (3.2e6 * left * left) as u64,
                        bytes_dense: 6_400_000,
                        seconds: 4.0,
                    }
                })
                .collect(),
            accuracy: None,
            unit_density: 0.5,
            spaces: vec![
                SpaceView { name: "h1".into(), size: 300, units: "1".repeat(300) },
                SpaceView { name: "h2".into(), size: 100, units: "1".repeat(100) },
            ],
            n_params: 266610,
            n_alive_weights: 100,
            refusals: [].into(),
        };
        for name in coordinator::charts::NAMES {
            std::fs::write(format!("{dir}/{name}-{n}.svg"), coordinator::charts::svg(name, &view).unwrap()).unwrap();
        }
    }
}
