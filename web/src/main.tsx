import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider, createBrowserRouter } from "react-router";
import { toApiError } from "./api/errors";
import { Guard, endSession, kMeKey } from "./app/auth";
import { LoginPage } from "./app/login";
import { kPages } from "./app/pages";
import { PasswordPage } from "./app/password";
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

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (toApiError(error).status === 401 && query.queryKey[0] !== kMeKey[0]) endSession(queries);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // What is refused stays refused; who is not there may come back.
      retry: (count, error) => {
        const { status } = toApiError(error);
        return (status === 0 || status === 503) && count < 2;
      },
    },
  },
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
