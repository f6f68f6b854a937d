void test_l2(void); void test_l2(void) {}
