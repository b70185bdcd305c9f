import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Outside } from "./outside.tsx";
import { SecondFactorSetup } from "./second-factor-setup.tsx";

/** Where a second factor is required, it is set up before anything else. */
export function EnrolPage() {
  const memory = useQueryClient();
  const navigate = useNavigate();
  const goOn = async () => {
    memory.clear();
    await navigate({ to: "/" });
  };
  return (
    <Outside
      wide
      title="Set up your second factor"
      about="It is required here: besides your password, a code from an app on your phone."
    >
      <SecondFactorSetup onDone={() => void goOn()} />
    </Outside>
  );
}
