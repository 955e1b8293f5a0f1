struct Params {
    planes: u32,
    height: u32,
    width: u32,
    places_down: u32,
    places_across: u32,
    size: u32,
    stride: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// Every place writes to all entries up to the next places, also to those that no window sees.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let places = params.places_down * params.places_across;
    let to = id.x + id.y * groups.x * 64u;
    if to >= params.planes * places {
        return;
    }
    let down = to % places / params.places_across;
    let across = to % params.places_across;
    let top = down * params.stride;
    let left = across * params.stride;
    let bottom = select(top + params.stride, params.height, down + 1u == params.places_down);
    let right = select(left + params.stride, params.width, across + 1u == params.places_across);
    let plane = to / places * params.height * params.width;
    let most = y[to];
    var flow = dy[to];
    for (var i = top; i < bottom; i++) {
        for (var j = left; j < right; j++) {
            let at = plane + i * params.width + j;
            let is_seen = max(i - top, j - left) < params.size;
            let has_won = is_seen && x[at] == most;
            dx[at] = select(0.0, flow, has_won);
            // The first of equals takes it all.
            flow = select(flow, 0.0, has_won);
        }
    }
}
