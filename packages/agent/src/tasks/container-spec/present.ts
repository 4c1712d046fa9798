/** Members that are left out when there is nothing to say. */
export const optional = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [key in Name]?: Exclude<Value, undefined> }

/** An empty list says nothing: what is there already holds, such as the image's own command. */
export const nonEmpty = <Item>(list: readonly Item[] | undefined): readonly Item[] | undefined =>
  list && list.length > 0 ? list : undefined
