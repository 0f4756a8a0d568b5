//! A draw that anyone can repeat (CMP-6).

use crate::Id;

/// Draws at least `at_least_per_mille` tenths of a percent of `population`, rounded up, with `seed`.
///
/// The same population, share and seed always draw the same cases, in whatever order the population is given. To
/// repeat it by hand: sort the ids ascending and drop doubles; for each position *i* from 0 while fewer are drawn
/// than needed, take the next output *r* of SplitMix64 started at `seed` and exchange position *i* with position
/// *i* + floor(*r* · (n − i) / 2⁶⁴). The first positions are the draw; it is returned sorted.
pub fn draw(population: &[Id], at_least_per_mille: u32, seed: u64) -> Vec<Id> {
    let mut ids = population.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let wanted = (ids.len() as u64 * u64::from(at_least_per_mille.min(1000))).div_ceil(1000) as usize;
    let mut state = seed;
    for position in 0..wanted {
        let left = (ids.len() - position) as u128;
        let step = ((u128::from(splitmix64(&mut state)) * left) >> 64) as usize;
        ids.swap(position, position + step);
    }
    ids.truncate(wanted);
    ids.sort_unstable();
    ids
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
