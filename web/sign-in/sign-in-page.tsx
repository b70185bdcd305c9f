import { Alert, Anchor } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { sessionOver } from "../api/session-over.ts";
import { Outside } from "./outside.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const route = getRouteApi("/sign-in");

/** Why the account's own provider signed nobody in. */
const refusals = new Map([
  ["not_here", "There is no such way to sign in. Ask your administrator for the right link."],
  ["not_answering", "Your sign-in provider does not answer. Try again in some minutes, or ask your administrator."],
  ["not_believed", "What your sign-in provider answered could not be believed. Try again from the beginning."],
  ["not_verified", "Your sign-in provider has not verified your e-mail address, so it does not count here."],
  [
    "nobody",
    "You have signed in there, but nobody here has your e-mail address. Ask your administrator to invite you.",
  ],
  ["expired", "That took too long, or began in another browser. Try again from the beginning."],
]);

/** The way in. */
export function SignInPage() {
  const { next, step, refused } = route.useSearch();
  const refusal = refused === undefined ? undefined : refusals.get(refused);
  const memory = useQueryClient();
  const router = useRouter();
  const goOn = () => {
    memory.clear();
    sessionOver.end();
    router.history.push(next ?? "/");
  };
  return (
    <Outside title="Sign in">
      {refusal && (
        <Alert color="red" title="You were not signed in" mb="md">
          {refusal}
        </Alert>
      )}
      <SignInForm onDone={goOn} {...(step && { begin: "second_factor" })} />
      <Anchor component={Link} to="/forgotten" fz="sm">
        Forgotten your password?
      </Anchor>
    </Outside>
  );
}
