import { type UseFormInput, useForm } from "@mantine/form";
import { useCallback, useState } from "react";
import { type Problem, toProblem } from "../api/client.ts";

/** Where a form stands with what was sent last. */
export interface ApiFormState {
  readonly problem: Problem | null;
  readonly isSending: boolean;
  /** What stands in it was taken by the server. */
  readonly isSaved: boolean;
}

/**
 * A form whose mistakes the server finds: what the API says of a field stands at that field, the rest above the
 * buttons. Nothing typed is lost.
 */
export function useApiForm<Values extends Record<string, unknown>>(
  input: Omit<UseFormInput<Values>, "onValuesChange">,
) {
  const [isSaved, setIsSaved] = useState(false);
  const form = useForm<Values>({ ...input, onValuesChange: () => setIsSaved(false) });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const { setErrors, clearErrors } = form;
  /** Sends the values; true when the server took them. */
  const send = useCallback(
    async (sending: (values: Values) => Promise<unknown>, values: Values): Promise<boolean> => {
      setIsSending(true);
      setIsSaved(false);
      setProblem(null);
      clearErrors();
      try {
        await sending(values);
        setIsSaved(true);
        return true;
      } catch (error) {
        const found = toProblem(error);
        const known = found.mistakes.filter(({ path }) => path in values);
        setErrors(Object.fromEntries(known.map(({ path, message }) => [path, sentence(message)])));
        if (known.length === 0 || known.length < found.mistakes.length) setProblem(found);
        requestAnimationFrame(() => document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
        return false;
      } finally {
        setIsSending(false);
      }
    },
    [setErrors, clearErrors],
  );
  return { form, problem, isSending, isSaved, send };
}

/** The API's messages follow the field's name ("is too long"); alone they begin with a capital. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
