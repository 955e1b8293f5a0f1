// Stores the sums of a channel's gradients, which are also those of shift and gain.

const NONE = 0xffffffffu;

fn store_sums(channel: u32, plain: f32, along: f32) {
    sums[channel] = plain;
    sums[params.channels + channel] = along;
    if params.shift != NONE {
        gradients[params.shift + channel] = plain;
    }
    if params.gain != NONE {
        gradients[params.gain + channel] = along;
    }
}
