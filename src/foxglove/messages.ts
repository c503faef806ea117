// Foxglove's published messages for scenes, as one table: from it come the bytes of a message and the schema that travels with them.
// Names, numbers and types are those of github.com/foxglove/foxglove-sdk, schemas/proto/foxglove; all fields are numbered 1, 2, 3, ... in order.
import { encodeMessage, type ProtobufField, type ProtobufMessage, protobufWriter } from '../wire/protobuf.ts'

const types = {
  Timestamp: 'int64 seconds, int32 nanos',
  Duration: 'int64 seconds, int32 nanos',
  Vector3: 'double x, double y, double z',
  Point3: 'double x, double y, double z',
  Quaternion: 'double x, double y, double z, double w',
  Pose: 'Vector3 position, Quaternion orientation',
  Color: 'double r, double g, double b, double a',
  KeyValuePair: 'string key, string value',
  ArrowPrimitive:
    'Pose pose, double shaft_length, double shaft_diameter, double head_length, double head_diameter, Color color',
  CubePrimitive: 'Pose pose, Vector3 size, Color color',
  SpherePrimitive: 'Pose pose, Vector3 size, Color color',
  CylinderPrimitive: 'Pose pose, Vector3 size, double bottom_scale, double top_scale, Color color',
  LinePrimitive:
    'Type type, Pose pose, double thickness, bool scale_invariant, Point3[] points, Color color, Color[] colors, fixed32[] indices',
  TriangleListPrimitive: 'Pose pose, Point3[] points, Color color, Color[] colors, fixed32[] indices',
  TextPrimitive: 'Pose pose, bool billboard, double font_size, bool scale_invariant, Color color, string text',
  ModelPrimitive:
    'Pose pose, Vector3 scale, Color color, bool override_color, string url, string media_type, bytes data',
  SceneEntityDeletion: 'Timestamp timestamp, Type type, string id',
  SceneEntity:
    'Timestamp timestamp, string frame_id, string id, Duration lifetime, bool frame_locked, KeyValuePair[] metadata, ' +
    'ArrowPrimitive[] arrows, CubePrimitive[] cubes, SpherePrimitive[] spheres, CylinderPrimitive[] cylinders, LinePrimitive[] lines, ' +
    'TriangleListPrimitive[] triangles, TextPrimitive[] texts, ModelPrimitive[] models',
  SceneUpdate: 'SceneEntityDeletion[] deletions, SceneEntity[] entities',
} as const

/** Values of the enumeration `Type` within a message. */
const enumerations: Readonly<Record<string, readonly string[]>> = {
  LinePrimitive: ['LINE_STRIP', 'LINE_LOOP', 'LINE_LIST'],
  SceneEntityDeletion: ['MATCHING_ID', 'ALL'],
}

export type MessageName = keyof typeof types
/** A message as plain data, by the names of its fields; what is absent has its default. Enumerations are numbers. */
export interface MessageData {
  readonly [field: string]: number | string | boolean | Uint8Array | MessageData | readonly MessageData[] | undefined
}

/** The bytes of a message. Defaults (0, '', false) are left out, as proto3 does. */
export function encode(name: MessageName, data: MessageData): Uint8Array {
  protobufWriter.begin()
  write(name, data)
  return protobufWriter.end()
}

/** All of this as a FileDescriptorSet, which Foxglove and recordings take for the schema of `foxglove.SceneUpdate`. */
export function sceneSchema(): Uint8Array {
  const names = Object.keys(types) as MessageName[]
  const wellKnown = (['Timestamp', 'Duration'] as const).map(name =>
    fileOf(`google/protobuf/${name.toLowerCase()}.proto`, 'google.protobuf', [name], []),
  )
  const own = names.filter(name => packageOf(name) === 'foxglove')
  const imports = ['google/protobuf/timestamp.proto', 'google/protobuf/duration.proto']
  const files = [...wellKnown, fileOf('foxglove/SceneUpdate.proto', 'foxglove', own, imports)]
  return encodeMessage(files.map((file): ProtobufField => [1, file]))
}

interface FieldType {
  readonly number: number
  readonly name: string
  readonly type: string
  readonly repeated: boolean
}

const fieldTypes = new Map(
  Object.entries(types).map(([name, text]) => [
    name as MessageName,
    text.split(', ').map((field, i): FieldType => {
      const [type, fieldName] = field.split(' ') as [string, string]
      return { number: i + 1, name: fieldName, type: type.replace('[]', ''), repeated: type.endsWith('[]') }
    }),
  ]),
)

function write(message: MessageName, data: MessageData): void {
  for (const { number, name, type } of fieldTypes.get(message)!) {
    const value = data[name]
    if (value === undefined || value === 0 || value === '' || value === false) continue
    if (typeof value === 'number') {
      if (type === 'double') protobufWriter.double(number, value)
      else protobufWriter.whole(number, value)
    } else if (value === true) protobufWriter.whole(number, 1)
    else if (typeof value === 'string' || value instanceof Uint8Array) protobufWriter.chunk(number, value)
    else if (Array.isArray(value)) for (const item of value) writeWithin(number, type as MessageName, item)
    else writeWithin(number, type as MessageName, value as MessageData)
  }
}

function writeWithin(number: number, name: MessageName, data: MessageData): void {
  const from = protobufWriter.open(number)
  write(name, data)
  protobufWriter.close(from)
}

// descriptor.proto of Protocol Buffers: FileDescriptorProto, DescriptorProto, FieldDescriptorProto, EnumDescriptorProto.

const scalarCode: Readonly<Record<string, number>> = {
  double: 1,
  int64: 3,
  int32: 5,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
}
const messageCode = 11
const enumerationCode = 14

function fileOf(
  path: string,
  packageName: string,
  names: readonly MessageName[],
  imports: readonly string[],
): ProtobufMessage {
  return [
    [1, path],
    [2, packageName],
    ...imports.map((other): ProtobufField => [3, other]),
    ...names.map((name): ProtobufField => [4, descriptorOf(name)]),
    [12, 'proto3'],
  ]
}

function descriptorOf(name: MessageName): ProtobufMessage {
  const values = enumerations[name]
  return [
    [1, name],
    ...fieldTypes.get(name)!.map((field): ProtobufField => [2, fieldDescriptor(name, field)]),
    ...(values === undefined ? [] : [[4, enumDescriptor(values)] as const]),
  ]
}

function fieldDescriptor(message: MessageName, { number, name, type, repeated }: FieldType): ProtobufMessage {
  const code = scalarCode[type] ?? (type === 'Type' ? enumerationCode : messageCode)
  const typeName = type === 'Type' ? `.foxglove.${message}.Type` : `.${packageOf(type as MessageName)}.${type}`
  return [
    [1, name],
    [3, number],
    [4, repeated ? 3 : 1],
    [5, code],
    ...(code === messageCode || code === enumerationCode ? [[6, typeName] as const] : []),
    [10, name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())],
  ]
}

function enumDescriptor(values: readonly string[]): ProtobufMessage {
  return [
    [1, 'Type'],
    ...values.map(
      (value, i): ProtobufField => [
        2,
        [
          [1, value],
          [2, i],
        ],
      ],
    ),
  ]
}

function packageOf(name: MessageName): string {
  return name === 'Timestamp' || name === 'Duration' ? 'google.protobuf' : 'foxglove'
}
