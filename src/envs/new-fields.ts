// Notices every field that an author's hook gives to an entity or a world beyond those that it was made with.

/** How many such fields there were so far, on any object. */
export const newFields = { count: 0 }

// An assignment to a field that an object has never comes here; one to a field that it lacks asks its prototypes first, the last one last.
const lastPrototype = new Proxy(Object.prototype, {
  set(target, field, value, receiver) {
    if (field in target) return Reflect.set(target, field, value, receiver)
    newFields.count++
    return Reflect.defineProperty(receiver, field, { value, writable: true, enumerable: true, configurable: true })
  },
})

/** Instances of these classes, which extend no other, tell of new fields from now on. */
export function noticeNewFields(...classes: readonly { readonly prototype: object }[]): void {
  for (const { prototype } of classes) Object.setPrototypeOf(prototype, lastPrototype)
}
