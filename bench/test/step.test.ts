/** That `bench step` runs and says all it promises; what it measures is nobody's assertion. */
import { describe, expect, it } from 'vitest';
import { measureSteps, profileSteps } from '../src/step/measureSteps.js';
import { stepNames } from '../src/step/cases.js';
import { printProfile, printStep } from '../src/step/report.js';

const tiny = {
  model: 'tiny',
  B: 2,
  T: 8,
  optimizer: 'sgd',
  ablation: 'mean',
  cases: stepNames,
  matmul: 64,
  isWithMemory: false,
  samples: 1,
  say: () => {},
} as const;

describe('bench step', () => {
  it('prints every ratio by its name, with adapter, shapes and every sample', async () => {
    const report = await measureSteps(tiny);
    const printed = JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
    for (const name of [
      'search_over_full',
      'masked_over_full',
      'amortised8_over_full',
      'step_over_matmuls',
      'host_us_per_dispatch',
      'host_us_per_dispatch_wall',
      'matmul_gflops',
      'circuit_step_sgd_s',
      'circuit_step_adamw_s',
    ]) {
      expect(printed, name).toHaveProperty(name);
      expect(printed[name], name).toBeGreaterThan(0);
    }
    // others' steps were not asked for
    expect(printed).toMatchObject({ ours_over_jax: null, ours_over_tfjs: null, shape: { L: 2, D: 16, B: 2, T: 8 } });
    expect(Object.keys(report.samples)).toEqual([...stepNames, 'matmul']);
    expect(printStep(report)).toContain('| search_over_full');
  });

  it('foretells the most bytes that each case has on the device within a tenth, weights included', async () => {
    const report = await measureSteps({ ...tiny, isWithMemory: true });
    const { peak_bytes: planned, measured_peak_bytes: measured } = report;
    expect(Object.keys(planned)).toEqual(stepNames.filter((name) => name !== 'amortised8'));
    for (const [name, bytes] of Object.entries(planned))
      expect(Math.abs(bytes / measured[name]! - 1), `${name}: ${bytes}, ${measured[name]}`).toBeLessThan(0.1);
    // 2 layers of 16 × (4 · 16 + 2 · 64) weights, in f32, with a gradient and a velocity each
    expect(planned['full']).toBeGreaterThan(3 * 4 * 2 * 16 * (4 * 16 + 2 * 64));
    expect(printStep(report)).toContain('| as measured |');
  });

  it('takes a step apart into kernels', async () => {
    const { adapter, profiles } = await profileSteps({ ...tiny, cases: ['full'] });
    const text = printProfile(adapter, profiles);
    expect(text).toContain('plain full step');
    expect(text).toMatch(/\| matmulNT\S*\.forward/);
  });
});
