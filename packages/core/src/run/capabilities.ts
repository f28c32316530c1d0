/** What plans need to know of a device, as plain data. */
import type { Capabilities } from '../kernel.js';

export function capabilitiesOf(
  device: GPUDevice,
  { subgroup, isSoftware = false }: { subgroup?: { min: number; max: number }; isSoftware?: boolean } = {},
): Capabilities {
  const { limits } = device;
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
    },
    ...(subgroup && { subgroup }),
    isSoftware,
  };
}
