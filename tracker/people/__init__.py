"""人员账号: persons, posts, users, sign-in, delegation."""
