/** What one answer may be at most. (netforum-xweb, bounds) */
export interface Bounds {
  readonly bytes: number;
  /** Characters of one text or attribute. */
  readonly text: number;
  readonly depth: number;
  readonly attributes: number;
}

export const defaultBounds: Bounds = { bytes: 2 * 1024 ** 3, text: 1024 ** 2, depth: 64, attributes: 64 };
