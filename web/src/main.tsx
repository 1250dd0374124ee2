import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider, createBrowserRouter } from "react-router";
import { Guard, endSession, kMeKey } from "./app/auth";
import { LoginPage } from "./app/login";
import { kPages } from "./app/pages";
import { PasswordPage } from "./app/password";
import { makeQueries } from "./app/queries";
import { Crash, NotFound } from "./app/trouble";
import { Shell } from "./app/shell";
import { startTheme } from "./app/theme";
import { LiveProvider } from "./live/live";
import { ToastProvider } from "./ui/toasts";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/components.css";
import "./ui/shell.css";
import "./ui/pages.css";

startTheme();

const queries: QueryClient = makeQueries((query) => {
  if (query.queryKey[0] !== kMeKey[0]) endSession(queries);
});

const router = createBrowserRouter([
  { path: "/login", element: <LoginPage />, errorElement: <Crash /> },
  {
    path: "/password",
    element: (
      <Guard>
        <PasswordPage />
      </Guard>
    ),
    errorElement: <Crash />,
  },
  {
    element: (
      <Guard>
        <LiveProvider>
          <Shell />
        </LiveProvider>
      </Guard>
    ),
    errorElement: <Crash />,
    children: [
      ...kPages.map(({ path, page: Page }) => ({ path, element: <Page />, errorElement: <Crash /> })),
      { path: "*", element: <NotFound /> },
    ],
  },
]);

const root = document.getElementById("app");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
