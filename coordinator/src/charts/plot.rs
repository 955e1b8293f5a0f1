//! A plot: axes, lines or bars, and labels that stand beside what they name.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SIZE: (u32, u32) = (640, 340);
/// Room on the right for what each series is called.
const LABEL_WIDTH: u32 = 178;
const LABEL_HEIGHT: i32 = 25;
/// The SVG backend writes a font's size divided by this.
const FONT_SCALE: f64 = 1.24;
/// Past this many, only the highest and the lowest series are named: more names than that are not legible.
const MOST_LABELS: usize = 6;

// The page's colours by day (`www/style.css`): told apart by lightness too, so that no one depends on hue.
const PAPER: RGBColor = RGBColor(0xF7, 0xF6, 0xF0);
pub(super) const INK: RGBColor = RGBColor(0x1E, 0x2B, 0x23);
pub(super) const MUTED: RGBColor = RGBColor(0x5A, 0x68, 0x5F);
const GRID: RGBColor = RGBColor(0xDD, 0xE2, 0xDA);
pub(super) const LEAF: RGBColor = RGBColor(0x14, 0x7A, 0x4A);
pub(super) const SKY: RGBColor = RGBColor(0x2B, 0x6C, 0xB0);
pub(super) const BERRY: RGBColor = RGBColor(0xC2, 0x4A, 0x12);
pub(super) const DENSE: RGBColor = RGBColor(0x8F, 0x80, 0x63);

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Area<'b> = DrawingArea<SVGBackend<'b>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Axes and what is drawn between them.
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) x: Range<f64>,
    pub(super) y_max: f64,
    pub(super) y_text: fn(f64) -> String,
    pub(super) series: Vec<Series>,
}

/// One line, or one set of bars.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) colour: RGBColor,
    pub(super) mark: Mark,
    pub(super) points: Vec<(f64, f64)>,
}

/// How points become visible.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// This many pixels wide.
    Line(u32),
    /// From this far left or right of the round to that far.
    Bars(f64, f64),
}

/// The SVG of a plot.
pub(super) fn drawn(plot: &Plot) -> String {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    draw(plot, &root).expect("an SVG in memory takes whatever is drawn");
    drop(root);
    text
}

fn draw(plot: &Plot, root: &Area<'_>) -> Drawn {
    root.fill(&PAPER)?;
    root.draw_text(plot.title, &font(25.0, FontStyle::Bold).color(&INK), (8, 6))?;
    let mut chart = ChartBuilder::on(root)
        .margin_top(50)
        .margin_right(LABEL_WIDTH)
        .set_label_area_size(LabelAreaPosition::Left, 76)
        .set_label_area_size(LabelAreaPosition::Bottom, 40)
        .build_cartesian_2d(plot.x.clone(), 0.0..plot.y_max)?;
    let is_empty = plot.series.iter().all(|it| it.points.is_empty());
    let labels = font(20.0, FontStyle::Normal).color(&MUTED);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID.stroke_width(2))
        .set_all_tick_mark_size(3)
        .x_labels(7)
        .y_labels(5)
        .label_style(labels.clone())
        .x_label_formatter(&whole)
        // Without points there is no scale to speak of.
        .y_label_formatter(&|it| if is_empty { String::new() } else { (plot.y_text)(*it) })
        .draw()?;
    root.draw_text("rounds", &labels.pos(Pos::new(HPos::Left, VPos::Top)), (486, 306))?;
    for series in &plot.series {
        draw_series(series, &mut chart)?;
    }
    if is_empty {
        let style = font(20.0, FontStyle::Normal).color(&MUTED).pos(Pos::new(HPos::Center, VPos::Center));
        root.draw_text("after the first round", &style, (269, 160))?;
    }
    draw_labels(plot, &chart, root)
}

fn draw_series(series: &Series, chart: &mut Chart<'_, '_>) -> Drawn {
    match series.mark {
        Mark::Line(width) => {
            let style = series.colour.stroke_width(width);
            chart.draw_series(LineSeries::new(series.points.iter().copied(), style))?;
            let dot = |it: &(f64, f64)| Circle::new(*it, width + 2, series.colour.filled());
            chart.draw_series(series.points.last().map(dot))?;
        }
        Mark::Bars(left, right) => {
            let bar = |(x, y): &(f64, f64)| Rectangle::new([(x + left, 0.0), (x + right, *y)], series.colour.filled());
            chart.draw_series(series.points.iter().map(bar))?;
        }
    }
    Ok(())
}

/// Says beside the last point of each series what it is and where it stands.
fn draw_labels(plot: &Plot, chart: &Chart<'_, '_>, root: &Area<'_>) -> Drawn {
    let mut labels: Vec<(i32, i32, &Series, String)> = vec![];
    for series in &plot.series {
        let Some((x, y)) = series.points.last() else { continue };
        let x = x + if let Mark::Bars(..) = series.mark { 0.42 } else { 0.0 };
        let (left, top) = chart.backend_coord(&(x, *y));
        labels.push((top, left, series, format!("{} {}", (plot.y_text)(*y), series.name)));
    }
    labels.sort_by_key(|it| it.0);
    if labels.len() > MOST_LABELS {
        labels.drain(1..labels.len() - 1);
    }
    let tops = apart(labels.iter().map(|it| it.0).collect(), 280);
    for ((_, left, series, text), top) in labels.iter().zip(tops) {
        let style = font(20.0, FontStyle::Bold).color(&series.colour).pos(Pos::new(HPos::Left, VPos::Center));
        root.draw_text(text, &style, (left + 12, top))?;
    }
    Ok(())
}

/// Sorted positions, moved so that labels there do not overlap and end above the floor.
fn apart(mut tops: Vec<i32>, floor: i32) -> Vec<i32> {
    for at in 1..tops.len() {
        tops[at] = tops[at].max(tops[at - 1] + LABEL_HEIGHT);
    }
    let mut limit = floor;
    for top in tops.iter_mut().rev() {
        *top = (*top).min(limit);
        limit = *top - LABEL_HEIGHT;
    }
    tops
}

fn font(pixels: f64, style: FontStyle) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, pixels * FONT_SCALE, style)
}

/// There is no half round.
fn whole(round: &f64) -> String {
    if (round - round.round()).abs() < 1e-9 { format!("{}", round.round()) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_page() {
        let style = include_str!("../../../www/style.css");
        let day = style.split_once("prefers-color-scheme: dark").expect("there is a night").0;
        for (name, RGBColor(r, g, b)) in [
            ("paper", PAPER),
            ("ink", INK),
            ("muted", MUTED),
            ("edge", GRID),
            ("leaf", LEAF),
            ("sky", SKY),
            ("berry", BERRY),
            ("dense", DENSE),
        ] {
            let line = format!("--{name}: #{r:02x}{g:02x}{b:02x};");
            assert!(day.contains(&line), "{line} is not in style.css");
        }
    }

    #[test]
    fn labels_never_overlap_nor_leave_the_chart() {
        assert_eq!(apart(vec![10, 12, 200], 280), [10, 35, 200]);
        assert_eq!(apart(vec![279, 280, 280], 280), [230, 255, 280]);
    }
}
