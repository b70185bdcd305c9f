import { ActionIcon, AppShell, Burger, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ModalsProvider } from "@mantine/modals";
import { IconKeyboard } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useMatches } from "@tanstack/react-router";
import { useEffect } from "react";
import { useLive } from "../api/live.ts";
import { type Me, MeContext, meQuery, useMe } from "../api/me.ts";
import { ForOthers } from "../ui/states.tsx";
import { FindSubscriber } from "./find-subscriber.tsx";
import { menu } from "./menu.ts";
import { PauseBanner } from "./pause-banner.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { SessionOverModal } from "./session-over-modal.tsx";
import classes from "./shell.module.css";
import { ShortcutsModal, useShortcuts } from "./shortcuts.tsx";
import { StaffBanner } from "./staff-banner.tsx";

/** Everything that needs a sign-in. Dialogs stand inside: what they hold asks for the person too. */
export function Shell() {
  const { data: me } = useSuspenseQuery(meQuery);
  return (
    <MeContext value={me as Me}>
      <ModalsProvider>
        <Frame />
      </ModalsProvider>
    </MeContext>
  );
}

/** The frame of every page: menu, search, who is signed in. */
function Frame() {
  const me = useMe();
  const [isMenuOpen, menuState] = useDisclosure(false);
  const [areShortcutsOpen, shortcuts] = useDisclosure(false);
  const { pathname } = useLocation();
  const needed = useMatches({ select: (matches) => matches.at(-1)?.staticData.permission });
  const isForOthers = needed !== undefined && !me.permissions.includes(needed);
  useLive(me.account !== null);
  useShortcuts(shortcuts.open);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the menu closes when one goes somewhere
  useEffect(menuState.close, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 244, breakpoint: "md", collapsed: { mobile: !isMenuOpen } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <AppShell.Header className={classes.header ?? ""}>
        <Burger
          opened={isMenuOpen}
          onClick={menuState.toggle}
          hiddenFrom="md"
          size="sm"
          aria-label={isMenuOpen ? "Close the menu" : "Open the menu"}
        />
        <Link to="/" className={classes.brand}>
          <img src="/favicon.svg" alt="Home" width={26} height={26} />
          <Text component="span" inherit visibleFrom="xs">
            Lockstep
          </Text>
        </Link>
        <Text c="dimmed" size="sm" visibleFrom="sm" truncate flex={1} miw={0}>
          <bdi>{me.account?.name ?? "All accounts"}</bdi>
        </Text>
        <span style={{ flex: 1 }} />
        {me.account && <FindSubscriber />}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Keyboard shortcuts"
          visibleFrom="md"
          onClick={shortcuts.open}
        >
          <IconKeyboard size={19} />
        </ActionIcon>
        <PersonMenu />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar ?? ""} aria-label="Menu">
        <Menu />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.main}>
          <StaffBanner />
          <PauseBanner />
          {isForOthers ? <ForOthers /> : <Outlet />}
        </div>
      </AppShell.Main>
      <SessionOverModal />
      <ShortcutsModal opened={areShortcutsOpen} onClose={shortcuts.close} />
    </AppShell>
  );
}

function Menu() {
  const { permissions, account } = useMe();
  const { pathname } = useLocation();
  const leadsHere = (to: string) => (to === "/" ? pathname === "/" : pathname === to || pathname.startsWith(`${to}/`));
  // Of a page and one below it, such as the calendar of the mailings, the nearer.
  const here = menu
    .flatMap(({ items }) => items.map(({ to }) => to))
    .filter(leadsHere)
    .sort((one, other) => other.length - one.length)[0];
  const isHere = (to: string) => to === here;
  return menu.map(({ title, items }) => {
    const shown = items.filter(
      ({ permission }) => permissions.includes(permission) && (account !== null || permission.startsWith("accounts:")),
    );
    if (shown.length === 0) return null;
    return (
      <div key={title ?? "home"}>
        {title && <div className={classes.title}>{title}</div>}
        {shown.map(({ label, to, Icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.link}
            activeOptions={{ exact: true }}
            aria-current={isHere(to) ? "page" : undefined}
          >
            <Icon size={18} stroke={1.7} aria-hidden />
            {label}
          </Link>
        ))}
      </div>
    );
  });
}
