//! Every shader compiles in the browser as a tab loads it: without most spaces, and by a compiler that is stricter than naga
//! here and there.

use anyhow::Result;
use e2e::chromium::Tab;
use engine::kernels::KERNELS;
use serde_json::{Value, json};

use super::adapter::opened;
use super::loads;

/// What the browser says against each of some shaders: `[name, problem]`.
async fn problems(tab: &Tab, shaders: &Value) -> Result<Value> {
    let compile = format!(
        r#"async () => {{
            const adapter = await navigator.gpu.requestAdapter();
            const device = await adapter.requestDevice();
            const refused = async ([name, code]) => {{
                device.pushErrorScope('validation');
                const module = device.createShaderModule({{ code }});
                const told = (await module.getCompilationInfo()).messages.filter((it) => it.type === 'error');
                const descriptor = {{ layout: 'auto', compute: {{ module, entryPoint: 'main' }} }};
                const failure = await device.createComputePipelineAsync(descriptor).then(() => null, (it) => it.message);
                const error = (await device.popErrorScope())?.message;
                const problem = told[0]?.message ?? failure ?? error;
                return problem ? [[name, problem]] : [];
            }};
            const outcomes = [];
            for (const it of {shaders}) outcomes.push(...await refused(it));
            return outcomes;
        }}"#
    );
    tab.eval(&compile).await
}

#[tokio::test]
async fn every_shader_compiles_in_the_browser() -> Result<()> {
    let (chromium, tab) = opened("<title>hedge</title>").await?;
    // A literal that naga takes and browsers do not: the test must notice.
    let planted = ["planted", "const LEAST = -3.40282357e+38f; @compute @workgroup_size(1) fn main() { _ = LEAST; }"];
    let caught = problems(&tab, &json!([planted])).await?;
    assert_eq!(caught.as_array().map_or(0, Vec::len), 1, "{caught}");
    let texts = loads::texts()?;
    let all: Vec<[String; 2]> = KERNELS.iter().map(|it| [it.name.to_owned(), texts.of(it)]).collect();
    // A few at a time, since software compiles slowly and the browser is asked with a deadline.
    for some in all.chunks(6) {
        assert_eq!(problems(&tab, &json!(some)).await?, json!([]));
    }
    tab.close().await?;
    chromium.close().await
}
