//! Random decisions out of a fuzzer's bytes.

use arbitrary::Unstructured;

use super::Entropy;

/// A byte string becomes a scene and a schedule. When the bytes are used up, nothing
/// goes wrong any more, so that short inputs are calm ones.
///
/// ```
/// use arbitrary::Unstructured;
/// use redeliver_model::event::IdentityPolicy;
/// use redeliver_model::scene;
/// use redeliver_model::schedule::Random;
///
/// let mut bytes = Unstructured::new(b"what a fuzzer comes up with");
/// let scene = scene::generate(&mut bytes, IdentityPolicy::Object);
/// let chooser = Random::new(&mut bytes);
/// # let _ = (scene, chooser);
/// ```
impl Entropy for Unstructured<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let last = bound.saturating_sub(1);
        self.int_in_range(0..=last).unwrap_or(0)
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }
}
