/** An e-mail address. Where it is too long for its line, it breaks behind the @ sooner than within a word. */
export function Address({ email }: { readonly email: string }) {
  const at = email.lastIndexOf("@") + 1;
  return (
    <bdi style={{ overflowWrap: "anywhere" }}>
      {email.slice(0, at)}
      {at > 0 && <wbr />}
      {email.slice(at)}
    </bdi>
  );
}
