//! Strokes: normalises a drawing as in MNIST: cropped to its ink, scaled into a box of 20 × 20 with its proportions
//! kept, and placed in 28 × 28 so that its centre of mass is in pixel 14 of 0 to 27 (LeCun et al. 1998).

/// Side length, in pixels, of a model's input.
pub const SIDE: usize = 28;

/// Length, in pixels, of the drawing's longer side.
const BOX: usize = 20;

/// Smallest difference from the paper that counts as ink, as a share of full brightness.
const FAINT: f32 = 0.1;

/// A drawing as grey pixels of 0 to 255, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    width: usize,
    grey: Vec<f32>,
}

impl Drawing {
    /// Rows of `width` grey pixels of 0 to 255; `None` if they do not form a rectangle.
    pub fn of_grey(width: usize, pixels: &[f32]) -> Option<Self> {
        let is_rectangle = width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width);
        is_rectangle.then(|| Self { width, grey: pixels.to_vec() })
    }

    /// Rows of `width` pixels of red, green, blue and opacity, each of 0 to 255, on white paper; `None` if they do not
    /// form a rectangle.
    pub fn of_rgba(width: usize, channels: &[f32]) -> Option<Self> {
        let (pixels, rest) = channels.as_chunks::<4>();
        // Luma with the colour weights of television (ITU-R BT.601).
        let grey = |[red, green, blue, opacity]: &[f32; 4]| {
            let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
            255.0 + (luma - 255.0) * opacity / 255.0
        };
        let grey: Vec<f32> = pixels.iter().map(grey).collect();
        rest.is_empty().then(|| Self::of_grey(width, &grey)).flatten()
    }

    /// The drawing in [`SIDE`]² bytes, 255 for the strongest ink and 0 for paper; `None` for an empty drawing.
    pub fn normalised(&self) -> Option<Vec<u8>> {
        let ink = self.ink()?;
        let from = extent(&ink, self.width)?;
        let longer = (from.width as f32).max(from.height as f32);
        let scaled = |side: usize| ((side * BOX) as f32 / longer).round().max(1.0) as usize;
        let (width, height) = (scaled(from.width), scaled(from.height));
        Some(centred(&shrunk(&ink, self.width, &from, width, height), width))
    }

    /// Ink of each pixel as a share of the strongest ink, for dark ink on light paper or light ink on dark.
    fn ink(&self) -> Option<Vec<f32>> {
        let paper = self.paper();
        let strongest = self.grey.iter().map(|it| (it - paper).abs()).fold(0.0, f32::max);
        let ink = |it: &f32| (it - paper).abs() / strongest;
        (strongest >= FAINT * 255.0).then(|| self.grey.iter().map(ink).collect())
    }

    /// Brightness of the paper: the median of the pixels at the edge.
    fn paper(&self) -> f32 {
        let height = self.grey.len() / self.width;
        let is_edge = |x: usize, y: usize| x == 0 || y == 0 || x + 1 == self.width || y + 1 == height;
        let edge = self.grey.iter().enumerate().filter(|(at, _)| is_edge(at % self.width, at / self.width));
        let mut edge: Vec<f32> = edge.map(|it| *it.1).collect();
        edge.sort_by(f32::total_cmp);
        edge[edge.len() / 2]
    }
}

/// A rectangle within an image, in pixels.
#[derive(Debug, PartialEq)]
struct Extent {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// The smallest rectangle that contains all ink; `None` without ink.
fn extent(ink: &[f32], width: usize) -> Option<Extent> {
    let drawn = || ink.iter().enumerate().filter(|it| *it.1 >= FAINT).map(|it| (it.0 % width, it.0 / width));
    let (left, right) = (drawn().map(|it| it.0).min()?, drawn().map(|it| it.0).max()?);
    let (top, bottom) = (drawn().map(|it| it.1).min()?, drawn().map(|it| it.1).max()?);
    Some(Extent { left, top, width: right + 1 - left, height: bottom + 1 - top })
}

/// Scales a rectangle to the given size, each pixel being the mean of the area it covers.
fn shrunk(ink: &[f32], row: usize, from: &Extent, width: usize, height: usize) -> Vec<f32> {
    let across: Vec<Vec<(usize, f32)>> = (0..width).map(|it| covered(it, width, from.left, from.width)).collect();
    let mut pixels = Vec::with_capacity(width * height);
    for down in (0..height).map(|it| covered(it, height, from.top, from.height)) {
        for across in &across {
            let of_row = |y: usize| across.iter().map(|(x, share)| share * ink[y * row + x]).sum::<f32>();
            pixels.push(down.iter().map(|(y, share)| share * of_row(*y)).sum());
        }
    }
    pixels
}

/// Source pixels covered by the `at`-th of `n` pixels over `len` ones from `start` on, each with its share.
fn covered(at: usize, n: usize, start: usize, len: usize) -> Vec<(usize, f32)> {
    // In n-ths of a pixel, so that no share is lost to rounding.
    let (low, high) = (at * len, (at + 1) * len);
    let share = |it: usize| ((it + 1) * n).min(high) - (it * n).max(low);
    (low / n..high.div_ceil(n)).map(|it| (start + it, share(it) as f32 / len as f32)).collect()
}

/// Places rows of `width` pixels in [`SIDE`] rows, with the centre of mass as near to pixel 14 of 0 to 27, in both
/// directions, as whole pixels and the edge allow, as in MNIST.
fn centred(pixels: &[f32], width: usize) -> Vec<u8> {
    let mass: f32 = pixels.iter().sum();
    let middle = |place: fn(usize, usize) -> usize| {
        let moments = pixels.iter().enumerate().map(|(at, it)| it * place(at, width) as f32);
        moments.sum::<f32>() / mass
    };
    let offset =
        |middle: f32, len: usize| (SIDE as f32 / 2.0 - middle).round().clamp(0.0, (SIDE - len) as f32) as usize;
    let left = offset(middle(|at, width| at % width), width);
    let top = offset(middle(|at, width| at / width), pixels.len() / width);
    let mut bytes = vec![0; SIDE * SIDE];
    for (at, it) in pixels.iter().enumerate() {
        bytes[(top + at / width) * SIDE + left + at % width] = (it * 255.0).round() as u8;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Grey pixels from rows of text: `#` is black, everything else white.
    fn drawing(rows: &[&str]) -> Drawing {
        let pixels: Vec<f32> = rows.concat().chars().map(|it| if it == '#' { 0.0 } else { 255.0 }).collect();
        Drawing::of_grey(rows[0].len(), &pixels).expect("a rectangle")
    }

    /// Bounding box of the ink: left, top, width and height.
    fn place(bytes: &[u8]) -> [usize; 4] {
        let ink: Vec<f32> = bytes.iter().map(|it| f32::from(*it) / 255.0).collect();
        let Extent { left, top, width, height } = extent(&ink, SIDE).expect("ink");
        [left, top, width, height]
    }

    #[test]
    fn a_square_fills_the_box_in_the_middle() {
        let bytes = drawing(&["......", "..##..", "..##..", "......"]).normalised().expect("drawn");
        assert_eq!(place(&bytes), [5, 5, 20, 20], "14 − 9.5, rounded up");
        assert_eq!(bytes.iter().filter(|it| **it == 255).count(), 400);
        assert_eq!(bytes.iter().filter(|it| **it == 0).count(), 384);
    }

    #[test]
    fn proportions_stay_and_a_line_keeps_at_least_a_pixel() {
        let bytes = drawing(&[".....", ".##..", ".##..", ".##..", ".##..", "....."]).normalised().expect("drawn");
        assert_eq!(place(&bytes), [10, 5, 10, 20]);
        let line = drawing(&[".".repeat(100).as_str(), ".".repeat(100).replace('.', "#").as_str(), &".".repeat(100)]);
        assert_eq!(place(&line.normalised().expect("drawn")), [5, 14, 20, 1]);
    }

    #[test]
    fn the_centre_of_mass_is_in_the_middle_as_far_as_the_edge_allows() {
        // A foot of 4 × 1 under a stem of 1 × 3: its centre is (3 · 0.5 + 4 · 2) / 7 = 1.357 from the left and (3 · 1.5
        // + 4 · 3.5) / 7 = 2.643 from above, of four each; times five, in pixels from 0, that is 6.29 and 12.71 of 20.
        let bytes = drawing(&["......", ".#....", ".#....", ".#....", ".####.", "......"]).normalised().expect("drawn");
        assert_eq!(place(&bytes), [8, 1, 20, 20], "14 − 6.29 and 14 − 12.71, rounded");
        // Nearly all ink is in the last column: without the edge the drawing would start at 14 − 18.1.
        let mut rows = vec!["....................".to_owned(); 20];
        rows[0] = format!("#{}", ".".repeat(19));
        rows.iter_mut().for_each(|it| it.replace_range(19..20, "#"));
        let rows: Vec<String> = rows.iter().map(|it| format!(".{it}.")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let edge = ".".repeat(22);
        let drawing = drawing(&[&[edge.as_str()], rows.as_slice(), &[edge.as_str()]].concat());
        assert_eq!(place(&drawing.normalised().expect("drawn")), [0, 5, 20, 20]);
    }

    #[test]
    fn a_pixel_is_the_mean_of_what_it_covers() {
        // Forty by forty, alternating black and white columns: two columns per pixel, half of them black.
        let row = format!(".{}.", "#.".repeat(20));
        let empty = ".".repeat(row.len());
        let rows: Vec<&str> =
            [empty.as_str()].into_iter().chain(vec![row.as_str(); 39]).chain([empty.as_str()]).collect();
        let bytes = drawing(&rows).normalised().expect("drawn");
        // The last column is white and therefore cropped: 39 columns in 20 pixels of 1.95; all but the outermost are
        // about one half.
        let [left, ..] = place(&bytes);
        let row = &bytes[14 * SIDE + left..][..20];
        assert!(row[1..19].iter().all(|it| (121..=140).contains(it)), "{row:?}");
        assert_eq!(covered(0, 2, 5, 3), [(5, 2.0 / 3.0), (6, 1.0 / 3.0)]);
        assert_eq!(covered(1, 2, 5, 3), [(6, 1.0 / 3.0), (7, 2.0 / 3.0)]);
    }

    #[test]
    fn paper_may_be_light_or_dark_and_ink_faint_or_coloured() {
        let dark = drawing(&["....", ".##.", "...."]);
        let light =
            Drawing::of_grey(4, &dark.grey.iter().map(|it| 255.0 - it).collect::<Vec<_>>()).expect("a rectangle");
        let pencil = Drawing::of_grey(4, &dark.grey.iter().map(|it| 155.0 + it / 4.0).collect::<Vec<_>>());
        let expected = dark.normalised().expect("drawn");
        assert_eq!(light.normalised().as_ref(), Some(&expected));
        assert_eq!(pencil.and_then(|it| it.normalised()).as_ref(), Some(&expected));
        // A canvas is transparent where nothing is drawn; green ink has a luma of 0.587 · 255.
        let rgba = |it: &f32| if *it == 0.0 { [0.0, 255.0, 0.0, 255.0] } else { [0.0; 4] };
        let canvas: Vec<f32> = dark.grey.iter().flat_map(rgba).collect();
        let canvas = Drawing::of_rgba(4, &canvas).expect("a rectangle");
        assert!((canvas.grey[5] - 149.685).abs() < 0.01 && canvas.grey[0] == 255.0, "{:?}", canvas.grey);
        assert_eq!(canvas.normalised().as_ref(), Some(&expected));
    }

    #[test]
    fn an_empty_sheet_is_no_drawing_and_half_a_row_no_rectangle() {
        assert_eq!(drawing(&["....", "...."]).normalised(), None);
        let speck = Drawing::of_grey(3, &[255.0, 255.0, 255.0, 255.0, 231.0, 255.0, 255.0, 255.0, 255.0]);
        assert_eq!(speck.expect("a rectangle").normalised(), None, "less than a tenth darker");
        assert_eq!(Drawing::of_grey(3, &[0.0; 4]), None);
        assert_eq!(Drawing::of_grey(0, &[0.0; 4]), None);
        assert_eq!(Drawing::of_grey(3, &[]), None);
        assert_eq!(Drawing::of_rgba(1, &[0.0; 6]), None);
    }
}
