/** What plans need to know of a device, as plain data. */
import { ConfigError } from '../errors.js';
import type { Capabilities, Precision } from '../kernel.js';

/** What a GPUDevice does not tell, and limits to keep below its own. */
export interface DeviceFacts {
  readonly subgroup?: { min: number; max: number };
  readonly isSoftware?: boolean;
  /** 'f16' lets products round their operands to it, wherever a kernel does; 'f32' unless told. */
  readonly precision?: Precision | undefined;
  /** Edges of the square matrices of f16 that a subgroup multiplies into f32. */
  readonly subgroupMatrices?: readonly number[] | undefined;
  readonly limits?: Partial<Capabilities['limits']>;
}

/** @throws ConfigError for a precision that the device has not. */
export function capabilitiesOf(
  device: GPUDevice,
  { subgroup, isSoftware = false, precision, subgroupMatrices = [], limits: lowered = {} }: DeviceFacts = {},
): Capabilities {
  const { limits } = device;
  if (precision === 'f16') requireHalf(device);
  // A device that another program hands in may come from an implementation without it.
  const info = device.adapterInfo as GPUAdapterInfo | undefined;
  return {
    features: new Set(device.features as ReadonlySet<string>),
    limits: {
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      minStorageBufferOffsetAlignment: limits.minStorageBufferOffsetAlignment,
      minUniformBufferOffsetAlignment: limits.minUniformBufferOffsetAlignment,
      ...lowered,
    },
    ...(subgroup && { subgroup }),
    ...(precision && { precision }),
    subgroupMatrices,
    isSoftware,
    adapter: info ? [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') : '',
  };
}

function requireHalf({ features }: GPUDevice): void {
  if (features.has('shader-f16')) return;
  throw new ConfigError({
    where: 'precision f16',
    rule: 'needs an adapter with shader-f16',
    got: 'one without',
    cure: 'Leave the precision at f32, or take another adapter',
  });
}
