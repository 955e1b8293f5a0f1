//! Topics: the words that a topic model puts first, and how they are judged.

pub mod coherence;

use std::collections::BTreeSet;

use protocol::graph::{Axis, Graph};

/// Numbers of the `n` words that weigh most in every topic alive, heaviest first, of equal ones the lower number; none for
/// a model without topics. `weights` are those of `graph`.
pub fn top_words(graph: &Graph, weights: &[f32], n: usize) -> Option<Vec<Vec<u32>>> {
    let at = graph.params.iter().position(|it| it.name.ends_with(".beta"))?;
    let axes = &graph.params[at].axes;
    let (beta, shape) = (&weights[graph.param_ranges()[at].clone()], graph.shape(axes));
    // One decoder has topics in rows, the other in columns.
    let (topics, words, of_topic, of_word) = match axes.first()? {
        Axis::Units { .. } => (shape[0], shape[1], shape[1], 1),
        Axis::Fixed(_) => (shape[1], shape[0], 1, shape[1]),
    };
    let top = |topic: usize| {
        let weight = |word: u32| beta[topic * of_topic + word as usize * of_word];
        let mut order: Vec<u32> = (0..words as u32).collect();
        order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
        order.truncate(n);
        order
    };
    Some((0..topics).map(top).collect())
}

/// Share of different words among all the topics' words (Dieng, Ruiz & Blei 2020): 1 when no topic repeats another.
pub fn diversity(topics: &[Vec<u32>]) -> f64 {
    let all = topics.iter().flatten();
    all.clone().collect::<BTreeSet<_>>().len() as f64 / all.count().max(1) as f64
}

#[cfg(test)]
mod tests {
    use protocol::layers::Layer;
    use protocol::layers::avitm::{Avitm, Decoder};
    use protocol::mask::Mask;
    use protocol::model::{Stack, gathered};

    use super::*;

    #[test]
    fn the_heaviest_words_come_first_under_either_decoder() {
        for decoder in [Decoder::ProdLda, Decoder::Lda] {
            let layers = vec![Layer::Avitm(Avitm { topics: 3, dropout: 0.0, decoder })];
            let model = Stack { input: vec![4], layers }.check().expect("the shapes fit");
            let graph = model.graph();
            let at = graph.params.iter().position(|it| it.name.ends_with(".beta")).expect("there are topics");
            let mut weights = vec![0.0; graph.n_params()];
            let beta = &mut weights[graph.param_ranges()[at].clone()];
            for (topic, of_words) in
                [[0.0, 3.0, 1.0, 2.0], [5.0, 5.0, 5.0, 5.0], [9.0, 7.0, 8.0, -1.0]].iter().enumerate()
            {
                for (word, weight) in of_words.iter().enumerate() {
                    let place = if decoder == Decoder::Lda { topic * 4 + word } else { word * 3 + topic };
                    beta[place] = *weight;
                }
            }
            assert_eq!(top_words(graph, &weights, 2), Some(vec![vec![1, 3], vec![0, 1], vec![0, 2]]));
            let mut mask = Mask::full(3);
            mask.clear(1);
            let alive = gathered(&weights, &model.alive_weights(&mask));
            assert_eq!(top_words(&model.pruned(&mask), &alive, 1), Some(vec![vec![1], vec![0]]));
        }
    }

    #[test]
    fn a_model_without_topics_has_no_words() {
        let model = protocol::models::named("lenet-300-100").expect("registered").check().expect("it fits");
        assert_eq!(top_words(model.graph(), &model.w0(1), 10), None);
    }

    #[test]
    fn diversity_is_the_share_of_different_words() {
        assert_eq!(diversity(&[vec![1, 2], vec![2, 3]]), 0.75);
        assert_eq!(diversity(&[vec![1], vec![2]]), 1.0);
        assert_eq!(diversity(&[]), 0.0);
    }
}
