/** What plans need to know of a device, as plain data. */
import type { Capabilities } from '../kernel.js';

/** What a GPUDevice does not tell, and limits to keep below its own. */
export interface DeviceFacts {
  readonly subgroup?: { min: number; max: number };
  readonly isSoftware?: boolean;
  readonly limits?: Partial<Capabilities['limits']>;
}

export function capabilitiesOf(
  device: GPUDevice,
  { subgroup, isSoftware = false, limits: lowered = {} }: DeviceFacts = {},
): Capabilities {
  const { limits } = device;
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
    isSoftware,
    adapter: info ? [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') : '',
  };
}
