/** An id for a block. Pages that came without encryption have no `crypto.randomUUID`. */
export const newId = (): string => crypto.randomUUID?.() ?? `b${Date.now()}${Math.random().toString(36).slice(2)}`;
