"""企业微信群机器人模拟器: answers as the robot webhook of enterprise WeChat does; stands alone."""
