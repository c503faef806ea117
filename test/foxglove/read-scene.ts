// Scene updates as a program reads them that has the schema which Foxglove publishes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'

interface Pose {
  readonly position: { readonly x: number; readonly y: number; readonly z: number }
  readonly orientation: { readonly z: number; readonly w: number }
}

export interface Scene {
  readonly deletions: readonly { readonly id: string; readonly type: string }[]
  readonly entities: readonly {
    readonly id: string
    readonly cubes: readonly { readonly pose: Pose }[]
    readonly cylinders: readonly object[]
    readonly texts: readonly { readonly text: string }[]
    readonly arrows: readonly { readonly pose: Pose }[]
    readonly lines: readonly object[]
  }[]
}

export function published(): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../fixtures/foxglove/SceneUpdate.bin'))
}

/** As a program reads it that has Foxglove's own schema. */
export function readScene(bytes: Uint8Array): Scene {
  const type = rootOf(published()).lookupType('foxglove.SceneUpdate')
  return type.toObject(type.decode(bytes), { longs: Number, enums: String, arrays: true, defaults: true }) as Scene
}

export function rootOf(schema: Uint8Array): protobuf.NamespaceBase {
  const root = protobuf.Root as unknown as { fromDescriptor(set: unknown): protobuf.Root }
  return root.fromDescriptor(descriptor.FileDescriptorSet.decode(schema)).resolveAll()
}
