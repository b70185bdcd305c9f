/**
 * A mailing as it is sent, taken apart once for each instance: what is the same for everybody, and what is each
 * recipient's own. Composing it anew for each would cost half of the sending. (architecture, mail)
 */
export interface FrozenContent {
  readonly fromName: string;
  readonly fromAddress: string;
  /** Empty: answers go to the sender. */
  readonly replyTo: string;
  readonly subject: readonly Piece[];
  readonly html: readonly Piece[];
  readonly text: readonly Piece[];
  /** Where links lead, by their place; `LinkPiece.link` is an index into it. */
  readonly links: readonly FrozenLink[];
  /** Names of the fields that the pieces ask for, each once. */
  readonly fields: readonly string[];
}

export interface FrozenLink {
  /** http or https. Holds no field: one that does is a piece of its own and isn't tracked. */
  readonly url: string;
  /** What the link says, for reports. */
  readonly label: string;
}

/** Text is the same for everybody. */
export type Piece = string | FieldPiece | LinkPiece | OwnPiece | AmsPreferencesPiece;

/** A personal value. */
export interface FieldPiece {
  readonly kind: "field";
  readonly field: string;
  /** The Liquid output that makes it of the value named `value`: `{{ value | default: "Friend" }}`. */
  readonly template: string;
  /** Stands where the value is missing and the template names no default: the field's own default value. */
  readonly fallback?: string;
  /**
   * How it is made safe for its place: `url` is a part of an address, `address` the whole of it; a subject's holds no
   * line break or control character either.
   */
  readonly place: "html" | "attribute" | "url" | "address" | "text" | "subject";
}

/** A tracked link's address. */
export interface LinkPiece {
  readonly kind: "link";
  readonly link: number;
}

/** An address that is the recipient's own. The pixel is nothing at all where opens aren't tracked. */
export interface OwnPiece {
  readonly kind: "unsubscribe" | "preferences" | "pixel";
}

/** The AMS's preference page of this person; who isn't in the AMS gets the mail's own preferences link. */
export interface AmsPreferencesPiece {
  readonly kind: "ams_preferences";
  /** As it stood when the mailing was published, with `{customer_key}`. */
  readonly address: string;
  readonly place: FieldPiece["place"];
}
