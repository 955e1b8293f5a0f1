//! A machine that runs a program: a device's engine, or the twins with activations rounded to 16 bits.

use engine::devices::Engine;
use engine::kernels::Words;
use engine::program::{BufferId, Program, Section, Step};
use half::f16;
use pollster::block_on;

/// An engine with synchronous calls.
pub(crate) trait Machine {
    fn load(&mut self, program: Program);
    fn write(&mut self, buffer: BufferId, words: &[u32]);
    fn run(&mut self, section: Section, times: usize);
    fn read(&self, buffer: BufferId) -> Words;
}

impl Machine for Engine {
    fn load(&mut self, program: Program) {
        block_on(self.load(program)).expect("it fits");
    }

    fn write(&mut self, buffer: BufferId, words: &[u32]) {
        self.write(buffer, words);
    }

    fn run(&mut self, section: Section, times: usize) {
        self.run(section, times as u32);
    }

    fn read(&self, buffer: BufferId) -> Words {
        block_on(self.read(&[buffer])).expect("the device is not lost").remove(0)
    }
}

/// Twins with 32-bit words, where every float that a step writes to a narrow buffer is rounded to 16 bits.
#[derive(Default)]
pub(crate) struct Rounding {
    buffers: Vec<Words>,
    program: Option<Program>,
}

impl Machine for Rounding {
    fn load(&mut self, program: Program) {
        // One word for every entry; on a device, two entries may share one.
        self.buffers = program.buffers.iter().map(|&words| vec![0; 2 * words]).collect();
        self.program = Some(program);
    }

    fn write(&mut self, buffer: BufferId, words: &[u32]) {
        self.buffers[buffer][..words.len()].copy_from_slice(words);
    }

    fn run(&mut self, section: Section, times: usize) {
        let program = self.program.as_ref().expect("it was loaded");
        for step in (0..times).flat_map(|_| program.steps(section)) {
            run_step(&mut self.buffers, step);
        }
    }

    fn read(&self, buffer: BufferId) -> Words {
        let words = self.program.as_ref().expect("it was loaded").buffers[buffer];
        self.buffers[buffer][..words].to_vec()
    }
}

fn run_step(buffers: &mut [Words], step: &Step) {
    let mut lent: Vec<Words> = step.buffers.iter().map(|&it| std::mem::take(&mut buffers[it])).collect();
    step.call.twin(&mut lent);
    for (at, (&id, mut words)) in step.buffers.iter().zip(lent).enumerate() {
        if step.halves.has(at) {
            words.iter_mut().for_each(|it| *it = rounded(*it));
        }
        buffers[id] = words;
    }
}

fn rounded(bits: u32) -> u32 {
    f16::from_f32(f32::from_bits(bits)).to_f32().to_bits()
}
