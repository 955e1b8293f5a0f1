//! The centre: the host's own client, with all data, beside others.

use coordinator::host::Setup;
use coordinator::session::{CENTRE, Role};
use protocol::recipe::{RawRecipe, Recipe};
use protocol::wire::{Down, Hello, Standby, Up};

use crate::raw::{hello, served, setup};
use crate::tiny;

fn recipe() -> Recipe {
    let mut raw = tiny::recipe().raw().clone();
    let text = r#"{"name":"","about":"","model":{"input":[2],"layers":[]},"stage":[
        {"name":"pooled","rounds":1,"cohort":{"kind":"centre"},"mask":{"schedule":{"kind":"never"}}},
        {"name":"together","rounds":2}]}"#;
    raw.stage = RawRecipe::from_json(text).expect("a recipe").stage;
    raw.rounds.total = None;
    raw.check().expect("a legal recipe")
}

fn with_centre() -> Setup {
    let parts = Some(vec![tiny::shard(1), tiny::shard(2)]);
    Setup { recipe: recipe(), parts, pooled: Some(tiny::shard(9)), ..setup() }
}

#[tokio::test]
async fn the_centre_has_all_data_and_is_asked_alone() {
    let served = served(with_centre()).await;
    let (mut ada, _) = served.joined("Ada").await;
    let (mut bob, _) = served.joined("Bob").await;
    for raw in [&mut ada, &mut bob] {
        assert!(matches!(raw.receive().await, Ok(Down::Shard(_))));
    }
    // It gives no name, and its number has no next one.
    let mut centre = served.client().await;
    let token = Some(served.session.centre_token());
    let welcome = centre.join(Hello { token, name: String::new(), ..hello() }).await;
    assert_eq!(welcome.client, CENTRE);
    assert_eq!(centre.receive().await, Ok(Down::Shard(tiny::shard(9))));
    let plan = centre.plan().await;
    assert_eq!((plan.round, plan.stage), (0, 0));
    centre.send(&Up::Contribution(tiny::contribution(&plan, 0.1))).await;
    for raw in [&mut ada, &mut bob] {
        assert_eq!(raw.plan().await.round, 1, "then everybody else");
    }
    assert_eq!(centre.receive().await, Ok(Down::Standby(Standby::NextRound)));
    let mut views = served.session.views.clone();
    let is_centre =
        |it: &coordinator::session::ClientView| (it.id, it.name.as_str(), it.role) == (CENTRE, "", Role::Centre);
    views.wait_for(|it| it.clients.iter().any(is_centre)).await.expect("the room is open");
    // Numbers go on from the clients'.
    assert_eq!(served.joined("Cy").await.1.client, 2);
}

#[tokio::test]
async fn nobody_makes_up_the_centres_token() {
    let served = served(with_centre()).await;
    let mut raw = served.client().await;
    let mut token = served.session.centre_token();
    token[15] ^= 1;
    assert_eq!(raw.join(Hello { token: Some(token), ..hello() }).await.client, 0);
}

#[test]
fn a_recipe_that_asks_a_centre_needs_the_hosts_data() {
    let coordinator = coordinator::host::Coordinator::new(coordinator::host::Limits::default());
    for (parts, pooled) in [(None, None), (None, Some(tiny::shard(9))), (Some(vec![tiny::shard(1)]), None)] {
        let error = coordinator.open(Setup { parts, pooled, ..with_centre() }).expect_err("no data");
        assert!(error.to_string().contains("asks a centre"), "{error}");
    }
}
